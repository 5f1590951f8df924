"""The signer's program behind its socket: who is answered and with what, and what ends it."""

import os
import select
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from threading import Event, Thread

import pytest

from keys.errors import JournalUnavailable, KeyUnavailable, RefusedBySigner, SignerUnreachable
from keys.signer import listener
from keys.signer.exchange import Answer, Ask, Outcome, Question, receive, send
from keys.signer.listener import SignerService, SignerSocket
from keys.signer.remote_signer import SignerClient
from keys.signer.request import repeats
from signing.errors import NotSignedByCustodians
from signing.evidence import Step
from signing.roster import Duty
from tests.keys.signer.evidence_world import (
    ISSUING,
    REVIEWERS,
    a_request,
    a_row,
    an_item,
    number,
    some_rows,
    to_be_signed,
    unknown,
)
from tests.keys.signer.socket_rig import OWN_USER, PATIENCE_SECONDS, Program, serving


@pytest.fixture(autouse=True)
def quick_look_out(monkeypatch):
    monkeypatch.setattr(listener, "IDLE_CHECK_SECONDS", 0.02)


@pytest.fixture
def program(room):
    return Program(room)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "signer.sock"


@pytest.fixture
def client(path):
    client = SignerClient(path, patience_seconds=PATIENCE_SECONDS)
    yield client
    client.close()


@pytest.fixture
def served(program, path):
    with serving(program.service, path):
        yield program


@pytest.fixture
def raw(served, path):
    """A bare connection to the signer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE_SECONDS)
        connection.connect(str(path))
        yield connection


def sign(client, request=None):
    return client.signers()[ISSUING.key_id].sign_many(request or a_request())


def asked(connection, message):
    send(connection, message)
    return Answer.from_bytes(receive(connection))


def test_over_the_socket_the_same_is_signed_as_without_it(served, client, room):
    assert client.last_entry() == 0

    signatures = sign(client)

    assert signatures == room.signer().sign_many(a_request())
    assert client.last_entry() == 3
    assert sign(client, repeats([to_be_signed(a_row(2), 2)])) == signatures[1:2]


def test_what_the_signer_refuses_is_refused_over_the_socket_in_its_words(served, client, room):
    before = room.recorded()

    with pytest.raises(RefusedBySigner) as refusal:
        sign(client, a_request(openings=[]))

    assert refusal.value.kind == "EvidenceRefused"
    assert str(refusal.value) == "entry 1: its number lies in no series that was opened"
    assert room.recorded() == before
    assert len(sign(client)) == 3


def test_a_key_that_does_not_sign_here_is_refused(served, client):
    with pytest.raises(RefusedBySigner, match="key 01020304 is not one that signs here now"):
        client.sign(b"\x01\x02\x03\x04", a_request())


NO_REQUESTS = {
    "no request": Question(Ask.SIGN, ISSUING.key_id, None),
    "half a request": Question(Ask.SIGN, ISSUING.key_id, [[], []]),
    "a request with an index out of range": Question(
        Ask.SIGN, ISSUING.key_id, [[[b"", 1, b"", None]], [], []]
    ),
}


@pytest.mark.parametrize(
    "message",
    [b"", b"\xff", b"\x80", *(question.to_bytes() for question in NO_REQUESTS.values())],
    ids=["nothing", "no CBOR", "no question", *NO_REQUESTS],
)
def test_what_is_no_question_is_answered_and_the_connection_goes_on(raw, message):
    answer = asked(raw, message)

    assert (answer.outcome, answer.kind) == (Outcome.FAILED, "FormatError")
    assert asked(raw, Question(Ask.LAST_ENTRY).to_bytes()) == Answer(Outcome.DONE, 0)


def has_ended(connection):
    """Say whether the other side hung up; what it left unread makes that a reset."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("sent", [b"\xff" * 8, b"\x00\x00\x00\x09cut"], ids=["too long", "cut short"])
def test_what_is_no_frame_ends_its_connection_and_no_other(raw, client, sent):
    raw.sendall(sent)
    raw.shutdown(socket.SHUT_WR)

    assert has_ended(raw)
    assert client.last_entry() == 0


def test_nobody_else_is_answered(program, path, client):
    with serving(program.service, path, users=()), pytest.raises(SignerUnreachable):
        client.last_entry()

    assert program.times_opened == 0


def test_a_user_who_is_named_is_answered(program, path, client):
    with serving(program.service, path, users=[OWN_USER, 4_000_000]):
        assert client.last_entry() == 0


def test_too_many_at_once_are_hung_up_on_and_the_others_go_on(program, path, client, monkeypatch):
    monkeypatch.setattr(listener, "MAX_CONNECTIONS", 1)
    other = SignerClient(path)
    with serving(program.service, path):
        assert client.last_entry() == 0
        with pytest.raises(SignerUnreachable):
            other.last_entry()
        assert client.last_entry() == 0
        client.close()
        # The first connection's thread notices within its look-out.
        for _ in range(100):
            try:
                assert other.last_entry() == 0
                break
            except SignerUnreachable:
                Event().wait(0.1)
        else:
            raise AssertionError("the place that became free was not given away")
    other.close()


# Where it listens.


def served_wrongly():
    raise AssertionError("it listens where it should not")


def test_the_socket_is_there_while_it_serves_and_gone_afterwards(program, path):
    with serving(program.service, path):
        kind = path.lstat().st_mode
        assert stat.S_ISSOCK(kind)

    assert not path.exists()


def test_a_socket_that_a_killed_signer_left_is_replaced(program, path, client):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left_behind:
        left_behind.bind(str(path))
        left_behind.listen()
    assert path.exists()

    with serving(program.service, path):
        assert client.last_entry() == 0


def test_a_second_signer_is_refused_and_the_first_goes_on(served, program, path, client):
    with pytest.raises(SignerUnreachable, match="another signer answers there already"):
        SignerSocket(path, program.service, users=[OWN_USER]).serve(served_wrongly)

    assert client.last_entry() == 0
    assert path.exists()


@pytest.mark.parametrize(
    ("lay", "is_there"),
    [
        (lambda path: path.write_text("somebody's"), lambda path: path.read_text() == "somebody's"),
        (lambda path: path.mkdir(), lambda path: path.is_dir()),
        (lambda path: path.symlink_to("elsewhere.sock"), lambda path: path.is_symlink()),
        (lambda path: os.mkfifo(path), lambda path: path.is_fifo()),
    ],
    ids=["file", "folder", "link", "pipe"],
)
def test_something_else_that_lies_there_stays_and_is_told(program, path, lay, is_there):
    lay(path)

    with pytest.raises(SignerUnreachable, match="something that is no socket lies there"):
        SignerSocket(path, program.service, users=[OWN_USER]).serve(served_wrongly)

    assert is_there(path)


def test_a_socket_of_another_program_stays_and_is_told(program, path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as others:
        others.bind(str(path))

        with pytest.raises(SignerUnreachable, match=str(path)):
            SignerSocket(path, program.service, users=[OWN_USER]).serve(served_wrongly)

        assert path.exists()


@pytest.mark.parametrize(
    ("place", "why"),
    [("no/such/folder/signer.sock", "No such file or directory"), ("d" * 120 + ".sock", "path too long")],
    ids=["no folder", "too long"],
)
def test_a_place_where_nothing_can_listen_is_told(program, client, tmp_path, place, why):
    path = tmp_path / place

    with pytest.raises(SignerUnreachable, match=why) as refusal:
        SignerSocket(path, program.service, users=[OWN_USER]).serve(served_wrongly)
    assert refusal.value.path == path
    with pytest.raises(SignerUnreachable, match=why):
        SignerClient(path).last_entry()


# Restarts, changes and faults.


def test_a_client_finds_the_signer_again_after_a_restart(program, path, client):
    with serving(program.service, path):
        first = sign(client)
    with pytest.raises(SignerUnreachable, match="No such file or directory"):
        client.last_entry()

    with serving(program.service, path):
        assert sign(client) == first
    with serving(program.service, path):
        assert client.last_entry() == 3


def test_nothing_is_opened_anew_without_a_reason(served, client):
    for _ in range(3):
        sign(client)

    assert served.times_opened == 1


def test_a_new_trust_bundle_or_roster_is_taken_up_without_a_restart(served, client):
    rows = some_rows()
    sign(client, a_request(rows, items=[an_item(rows[0])]))
    dismissed = tuple(entry for entry in served.roster.entries if entry.duty is not Duty.OFFICE)
    served.roster, served.stamp = replace(served.roster, version=2, entries=dismissed), 2

    with pytest.raises(RefusedBySigner, match=unknown(REVIEWERS[Step.OFFICE])):
        sign(client, a_request(rows, items=[an_item(rows[1])]))

    assert served.times_opened == 2


@pytest.mark.parametrize(
    "fault",
    [
        lambda path: JournalUnavailable(path, "No space left on device"),
        lambda path: KeyUnavailable(path, "is sealed to another identity"),
        lambda path: NotSignedByCustodians(signed=1, threshold=2),
        lambda path: PermissionError(13, "Permission denied", str(path)),
    ],
    ids=["journal", "key", "roster", "disk"],
)
def test_keys_that_can_not_be_opened_are_told_and_opened_for_the_next_question(served, client, room, fault):
    sign(client)
    served.fault, served.stamp = fault(room.path), 2
    for _ in range(2):
        with pytest.raises(SignerUnreachable, match=str(served.fault).replace("[", r"\[")):
            client.last_entry()

    served.fault = None

    assert client.last_entry() == 3
    assert len(sign(client)) == 3


def test_a_journal_that_fails_is_told_and_opened_anew_for_the_next_question(served, client):
    sign(client)
    served.open_journal.close()

    with pytest.raises(SignerUnreachable, match="open the journal anew"):
        sign(client)

    assert len(sign(client)) == 3
    assert served.times_opened == 2


def test_many_ask_at_once_and_each_gets_its_own(served, path, room):
    rows = some_rows(24)
    requests = [a_request(rows, items=[an_item(row)]) for row in rows]
    shared = SignerClient(path)
    clients = [SignerClient(path) for _ in range(8)] + [shared] * 16

    with ThreadPoolExecutor(24) as pool:
        signatures = list(pool.map(sign, clients, requests))

    for client in clients:
        client.close()
    assert signatures == [room.signer().sign_many(request) for request in requests]


def test_of_two_who_ask_for_one_number_one_is_refused(served, path):
    rows = some_rows(8)
    requests = [a_request(rows, items=[an_item(row, number=number(1))]) for row in rows]

    def attempt(request):
        client = SignerClient(path)
        try:
            return len(sign(client, request))
        except RefusedBySigner as refusal:
            return refusal.kind
        finally:
            client.close()

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, requests))

    assert sorted(map(str, outcomes)) == ["1", *["NumberTaken"] * 7]


class SlowService(SignerService):
    """Answers when it is let."""

    def __init__(self):
        super().__init__(dict, stamp=lambda: 1, last_entry=lambda: 7)
        self.begun, self.let = Event(), Event()

    def answer(self, message):
        self.begun.set()
        assert self.let.wait(PATIENCE_SECONDS)
        return super().answer(message)


def test_what_was_asked_before_it_is_stopped_is_still_answered(path, client):
    service = SlowService()
    with serving(service, path) as listening, ThreadPoolExecutor(1) as pool:
        asking = pool.submit(client.last_entry)
        assert service.begun.wait(PATIENCE_SECONDS)

        listening.stop()
        service.let.set()

        assert asking.result(PATIENCE_SECONDS) == 7


def test_a_signer_that_is_stopping_takes_no_further_question_and_makes_way(path, client):
    service, other = SlowService(), SignerClient(path)
    with serving(service, path) as listening, ThreadPoolExecutor(1) as pool:
        asking = pool.submit(client.last_entry)
        assert service.begun.wait(PATIENCE_SECONDS)
        listening.stop()
        for _ in range(100):
            if not path.exists():
                break
            Event().wait(0.1)

        with pytest.raises(SignerUnreachable, match="No such file or directory"):
            other.last_entry()
        with serving(SignerService(dict, stamp=lambda: 1, last_entry=lambda: 8), path):
            assert other.last_entry() == 8
            service.let.set()
            assert asking.result(PATIENCE_SECONDS) == 7
            other.close()
            # The one that ended took nothing of the other's away.
            assert other.last_entry() == 8
        other.close()


def test_a_signer_that_can_take_no_more_connections_ends_and_does_not_stay_half_alive(
    program, path, client, monkeypatch
):
    raised = []

    def serve():
        try:
            SignerSocket(path, program.service, users=[OWN_USER]).serve(ready.set)
        except OSError as fault:
            raised.append(fault)

    ready, thread = Event(), Thread(target=serve)
    thread.start()
    assert ready.wait(PATIENCE_SECONDS)
    assert client.last_entry() == 0

    def no_more(connection):
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(listener, "_peer", no_more)
    with pytest.raises(SignerUnreachable):
        SignerClient(path).last_entry()

    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    assert [fault.errno for fault in raised] == [24]


def test_a_frame_that_trickles_in_is_given_up_in_time(program, path, monkeypatch):
    monkeypatch.setattr(listener, "FRAME_SECONDS", 0.3)
    with serving(program.service, path), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as slow:
        slow.connect(str(path))
        slow.settimeout(PATIENCE_SECONDS)
        slow.sendall(b"\x00\x00\x10\x00")
        hung_up = select.poll()
        hung_up.register(slow, select.POLLIN)
        with suppress(BrokenPipeError):
            for _ in range(100):
                slow.sendall(b"\x00")
                if hung_up.poll(100):
                    break

        # It hung up while bytes still came, each of them in good time.
        assert slow.recv(1) == b""


def test_a_frame_that_stands_still_does_not_hold_up_the_end(program, path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as slow:
        with serving(program.service, path):
            slow.connect(str(path))
            slow.sendall(b"\x00\x00\x01")
            with closing(SignerClient(path)) as other:
                assert other.last_entry() == 0

        slow.settimeout(PATIENCE_SECONDS)
        assert slow.recv(1) == b""
