"""The witness on a real socket: what is bounded, what is odd, and how it ends."""

import socket
from http.client import HTTPConnection
from threading import Event, Thread

import pytest

from keys.errors import KeyFileDamaged
from keys.witness import server as server_room
from keys.witness.protocol import MAX_BODY, SIZE
from tests.instants import NOON
from tests.keys.witness.serving import PATIENCE_SECONDS, everything_from, post, serving
from tests.keys.witness.small_log import NAME


@pytest.fixture
def served(witness):
    with serving(witness) as running:
        yield running


def status_in(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer
    return int(answer.split()[1])


def test_a_checkpoint_is_cosigned_over_http(served, log, witness):
    answer = served.said_to(post(log.request(0, 5)))

    assert status_in(answer) == 200
    assert answer.partition(b"\r\n\r\n")[2].count("— ".encode() + NAME.encode()) == 2
    assert witness.state.seen(log.keys.keys).head == log.head(5)


def test_a_conflict_has_its_type(served, log):
    answer = served.said_to(post(log.request(3, 5)))

    assert status_in(answer) == 409
    assert f"Content-Type: {SIZE}\r\n".encode() in answer
    assert answer.endswith(b"\r\n\r\n0\n")
    assert served.told == ["409 last seen: 0"]


def test_one_connection_takes_one_request_after_the_other(served, log):
    connection = HTTPConnection(*served.address, timeout=PATIENCE_SECONDS)
    connection.connect()
    first_socket, statuses = connection.sock, []
    for old, size in ((0, 3), (3, 3), (2, 9), (3, 9)):
        connection.request("POST", "/add-checkpoint", log.request(old, size))
        response = connection.getresponse()
        response.read()
        statuses.append(response.status)

    assert statuses == [200, 200, 409, 200]
    assert connection.sock is first_socket
    connection.close()


def test_it_says_its_name(served):
    answer = served.said_to(b"GET /health HTTP/1.1\r\nConnection: close\r\n\r\n")

    assert status_in(answer) == 200
    assert answer.endswith(f"\r\n\r\n{NAME}\n".encode())


ODD = {
    "oversized": (413, post(b"", f"Content-Length: {MAX_BODY + 1}")),
    "no length": (411, post(b"x", "Accept: */*")),
    "two lengths": (411, post(b"x", "Content-Length: 1", "Content-Length: 2")),
    "a length in words": (411, post(b"x", "Content-Length: one")),
    "a negative length": (411, post(b"x", "Content-Length: -1")),
    "a length with a sign": (411, post(b"x", "Content-Length: +1")),
    "a length of a thousand digits": (411, post(b"x", "Content-Length: " + "9" * 1000)),
    "chunks": (411, post(b"1\r\nx\r\n0\r\n\r\n", "Transfer-Encoding: chunked")),
    "chunks and a length": (411, post(b"x", "Transfer-Encoding: chunked", "Content-Length: 1")),
    "an empty body": (400, post(b"")),
    "garbage in the body": (400, post(bytes(range(256)) * 40)),
    "another path": (404, post(b"", path="/")),
    "a path below": (404, post(b"", path="/add-checkpoint/")),
    "GET of the path of POST": (404, b"GET /add-checkpoint HTTP/1.1\r\nConnection: close\r\n\r\n"),
    "another method": (501, b"DELETE /add-checkpoint HTTP/1.1\r\nConnection: close\r\n\r\n"),
    "a head without end": (431, b"GET /health HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n"),
    "a line without end": (414, b"GET /" + b"x" * 70000 + b" HTTP/1.1\r\n\r\n"),
}


@pytest.mark.parametrize(("status", "sent"), ODD.values(), ids=ODD)
def test_an_odd_request_is_refused_and_the_next_one_answered(served, log, status, sent):
    answer = served.said_to(sent)

    assert status_in(answer) == status
    assert b"<" not in answer
    assert status_in(served.said_to(post(log.request(0, 5)))) == 200


@pytest.mark.parametrize("sent", [b"\0" * 100, b"\x16\x03\x01\x02\x00\x01", b"HELO\r\n", b"\r\n\r\n\r\n"])
def test_garbage_gets_no_cosignature_and_the_next_request_an_answer(served, log, sent):
    with served.connected() as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        said = everything_from(connection)

    assert b" 200 " not in said
    assert status_in(served.said_to(post(log.request(0, 5)))) == 200


def test_what_follows_a_body_that_was_not_read_is_no_request(served, log):
    hidden = post(log.request(0, 5))

    answer = served.said_to(b"GET /health HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(hidden) + hidden)

    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("sent", [b"", b"POST /add-ch", post(b"old 0\n", "Content-Length: 5000")])
def test_whoever_is_slow_is_hung_up_on(witness, log, sent):
    with serving(witness, request_seconds=0.2) as served, served.connected() as slow:
        slow.sendall(sent)

        assert everything_from(slow) == b""
        assert status_in(served.said_to(post(log.request(0, 5)))) == 200


def test_whoever_sends_a_byte_now_and_then_is_hung_up_on(witness):
    with serving(witness, request_seconds=0.4) as served, served.connected() as slow:
        slow.sendall(post(b"", "Content-Length: 100000"))
        slow.settimeout(0.05)
        ended = False
        for _ in range(600):
            try:
                slow.sendall(b"x")
                ended = slow.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                ended = True
            if ended:
                break

        assert ended


def test_more_connections_than_it_holds_are_hung_up_on(witness, log, monkeypatch):
    monkeypatch.setattr(server_room, "MAX_CONNECTIONS", 2)
    with serving(witness) as served:
        idle = [served.connected() for _ in range(2)]
        for connection in idle:
            # Each of them is being served when this is answered.
            connection.sendall(b"GET /health HTTP/1.1\r\n\r\n")
            connection.recv(1000)

        assert served.said_to(b"") == b""

        for connection in idle:
            connection.close()
        answer = b""
        while not answer:
            answer = served.said_to(post(log.request(0, 5)))
        assert status_in(answer) == 200


def test_a_witness_out_of_order_says_so_to_its_operator_and_not_to_everybody(served, log, folder):
    (vkeys,) = (folder / "logs").glob("*.vkeys")
    vkeys.write_bytes(b"damaged")

    answer = served.said_to(post(log.request(0, 5)))

    assert status_in(answer) == 500
    assert str(folder).encode() not in answer
    assert len(served.told) == 1
    assert served.told[0].startswith(f"500 {vkeys}")


def test_a_fault_that_nobody_foresaw_ends_the_connection_alone(served, log, witness, monkeypatch):
    class Odd(Exception):
        pass

    def odd(self, body, *, now):
        raise Odd("with a text")

    with monkeypatch.context() as changed:
        changed.setattr(type(witness), "add_checkpoint", odd)
        assert served.said_to(post(log.request(0, 5))) == b""

    assert served.told == ["a connection broke off (Odd)"]
    assert status_in(served.said_to(post(log.request(0, 5)))) == 200


def test_it_ends_after_the_request_in_hand(witness, log, monkeypatch):
    begun, go_on, answered = Event(), Event(), []
    whole = type(witness).add_checkpoint

    def held_up(self, body, *, now):
        begun.set()
        assert go_on.wait(PATIENCE_SECONDS)
        return whole(self, body, now=now)

    monkeypatch.setattr(type(witness), "add_checkpoint", held_up)
    with serving(witness) as served, served.connected() as idle:
        asking = Thread(target=lambda: answered.append(served.said_to(post(log.request(0, 5)))))
        asking.start()
        assert begun.wait(PATIENCE_SECONDS)
        served.server.stop()
        go_on.set()
        served.server.server_close()
        asking.join()
        assert everything_from(idle) == b""

    assert [status_in(answer) for answer in answered] == [200]


def test_a_place_that_is_taken_is_refused(served, witness):
    with pytest.raises(OSError, match="in use"):
        server_room.WitnessServer(served.address, witness, clock=lambda: NOON)


def test_damaged_keys_are_the_fault_that_is_told(witness, log, folder):
    (vkeys,) = (folder / "logs").glob("*.vkeys")
    vkeys.write_bytes(b"damaged")

    with pytest.raises(KeyFileDamaged):
        witness.add_checkpoint(log.request(0, 5), now=NOON)
