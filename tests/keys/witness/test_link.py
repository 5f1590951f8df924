"""What the log believes of a witness: lines that are its own and hold; and how it hears what went wrong."""

import socket
from datetime import timedelta

import pytest

from keys.crash_points import CrashMode, arm
from keys.errors import WitnessAhead, WitnessError, WitnessRefused, WitnessUnreachable
from keys.note_keys import NoteKeys, NoteSigner
from keys.witness.link import LocalWitness, RemoteWitness
from keys.witness.place import name_at
from signing.log.checkpoint import LogPolicy, Witness
from tests.instants import NOON
from tests.keys.small_register import ENVIRONMENT
from tests.keys.witness.serving import request_from, serving, strange_server
from tests.keys.witness.small_log import NAME, ORIGIN


@pytest.fixture(params=["local", "remote"])
def link(request, witness):
    if request.param == "local":
        yield LocalWitness(witness, lambda: NOON)
        return
    with serving(witness) as served:
        yield RemoteWitness(f"{served.url}/", witness.state.keys)


def asked(link, log, old, size):
    return link.cosign(old, log.proof(old, size) if old <= size else (), log.checkpoint(size))


def test_the_lines_make_a_cosigned_checkpoint(link, log, witness):
    policy = LogPolicy(ORIGIN, log.keys.keys, (Witness(NAME, witness.state.keys),), 1)

    lines = asked(link, log, 0, 5)

    assert policy.open(log.checkpoint(5) + lines).cosigned_at == {NAME: int(NOON.timestamp())}
    assert lines.count(b"\n") == 2
    assert link.name == NAME


def test_a_witness_that_saw_more_is_ahead(link, log):
    asked(link, log, 0, 9)

    with pytest.raises(WitnessAhead) as ahead:
        asked(link, log, 5, 7)

    assert ahead.value.size == 9


def test_a_fork_is_refused(link, log):
    asked(link, log, 0, 5)

    with pytest.raises(WitnessRefused) as refused:
        asked(link, log.forked_at(2), 5, 9)

    assert refused.value.status == 422
    assert "the tree only grew" in refused.value.why


def test_another_tree_of_the_same_size_is_refused(link, log):
    asked(link, log, 0, 5)

    with pytest.raises(WitnessRefused) as refused:
        asked(link, log.forked_at(2), 5, 5)

    assert refused.value.status == 409


def test_a_witness_that_lost_its_state_says_so(link, log, folder):
    (path,) = (folder / "logs").glob("*.head")
    path.unlink()

    with pytest.raises(WitnessRefused) as refused:
        asked(link, log, 0, 5)

    assert refused.value.status == 503
    assert "two mirrors" in refused.value.why


def test_a_witness_that_can_not_write_may_be_asked_again(witness, log):
    link = LocalWitness(witness, lambda: NOON)
    arm("witness.before_store", CrashMode.ERROR, environment=ENVIRONMENT)

    with pytest.raises(WitnessUnreachable, match="crash point"):
        asked(link, log, 0, 5)

    assert asked(link, log, 0, 5)


def test_a_witness_is_asked_by_the_clock_of_each_time(witness, log):
    times = iter([NOON, NOON - timedelta(hours=1)])
    link = LocalWitness(witness, lambda: next(times))
    asked(link, log, 0, 5)

    with pytest.raises(WitnessRefused, match="clock"):
        asked(link, log, 5, 6)


def test_a_witness_that_is_not_there_is_unreachable(witness, log):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]

    with pytest.raises(WitnessUnreachable, match="refused"):
        asked(RemoteWitness(f"http://127.0.0.1:{port}", witness.state.keys), log, 0, 5)


def test_a_witness_tells_its_name(witness):
    with serving(witness) as served:
        assert name_at(served.url) == NAME


def answered(status, body, *headers):
    head = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body


def good(witness, log):
    return witness.add_checkpoint(log.request(0, 5), now=NOON).body


def damaged(lines):
    """Change a byte of the last signature."""
    return lines[:-20] + (b"B" if lines[-20:-19] == b"A" else b"A") + lines[-19:]


STRANGE = {
    "lines of another tree": lambda witness, log: answered(
        200, witness.add_checkpoint(log.request(0, 6), now=NOON).body
    ),
    "a good line and a bad one": lambda witness, log: answered(200, damaged(good(witness, log))),
    "lines of the log": lambda witness, log: answered(200, log.keys.sign(log.head(5), stamp=3).encode()),
    "no line": lambda witness, log: answered(200, b""),
    "no newline": lambda witness, log: answered(200, b"\xff"),
    "a redirect": lambda witness, log: answered(302, b"", "Location: http://127.0.0.1:1/"),
    "no content": lambda witness, log: b"HTTP/1.1 204 x\r\n\r\n",
    "a conflict without a size": lambda witness, log: answered(409, b"nine\n"),
    "a conflict with noise": lambda witness, log: answered(409, b"\xff\n"),
    "too much": lambda witness, log: answered(200, b"x" * ((1 << 20) + 1)),
    "another protocol": lambda witness, log: b"SSH-2.0-x\r\n",
    "a head without end": lambda witness, log: b"HTTP/1.1 200 x\r\n" + b"X: y\r\n" * 300,
    "nothing": lambda witness, log: b"",
    "half an answer": lambda witness, log: answered(200, good(witness, log))[:-900],
}


@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE)
def test_a_strange_answer_is_none(witness, log, answer):
    content = answer(witness, log)

    def attend(connection):
        request_from(connection)
        try:
            connection.sendall(content)
        except ConnectionError:
            # Whoever had heard enough hung up.
            return

    with strange_server(attend) as url, pytest.raises(WitnessUnreachable):
        asked(RemoteWitness(url, witness.state.keys), log, 0, 5)


def test_lines_of_strangers_are_left_out(witness, log, tmp_path, seal):
    stranger = NoteKeys.create(tmp_path / "stranger" / "s.age", NoteSigner.WITNESS, "stranger.example", seal)
    own = good(witness, log)
    content = answered(200, stranger.sign(log.head(5), stamp=9).encode() + own)

    def attend(connection):
        request_from(connection)
        connection.sendall(content)

    with strange_server(attend) as url:
        assert asked(RemoteWitness(url, witness.state.keys), log, 0, 5) == own


def test_what_a_witness_says_can_not_steer_a_terminal(witness, log):
    def attend(connection):
        request_from(connection)
        connection.sendall(answered(403, b"\x1b[2Jno\r\n" + b"x" * 9000))

    with strange_server(attend) as url, pytest.raises(WitnessRefused) as refused:
        asked(RemoteWitness(url, witness.state.keys), log, 0, 5)

    assert refused.value.why.startswith("[2Jnox")
    assert len(refused.value.why) == 300


def test_an_answer_that_trickles_in_is_given_up(witness, log):
    def attend(connection):
        request_from(connection)
        connection.settimeout(0.05)
        connection.sendall(b"HTTP/1.1 200 x\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(600):
            try:
                connection.sendall(b"x")
                if connection.recv(65536) == b"":
                    return
            except TimeoutError:
                continue
            except ConnectionError:
                return
        raise AssertionError("it was never hung up on")

    with strange_server(attend) as url, pytest.raises(WitnessUnreachable):
        asked(RemoteWitness(url, witness.state.keys, answer_seconds=0.4), log, 0, 5)


@pytest.mark.parametrize("name", [b"", b"two\nlines\n", b"\x1b[2J\n"])
def test_a_name_that_is_none_is_not_taken(name):
    def attend(connection):
        request_from(connection)
        connection.sendall(answered(200, name))

    with strange_server(attend) as url, pytest.raises(WitnessUnreachable):
        name_at(url)


URLS = [
    "", "witness.example", "ftp://witness.example", "file:///etc/passwd", "https://", "https://u:p@witness.example",
    "https://witness.example?q", "https://witness.example/#f", "https://witness.example:port",
]  # fmt: skip


@pytest.mark.parametrize("url", URLS)
def test_a_url_that_is_none_of_a_witness_is_refused(witness, url):
    with pytest.raises(ValueError, match=r"URL|[Pp]ort"):
        RemoteWitness(url, witness.state.keys)


def test_the_keys_are_those_of_one_witness(witness, tmp_path, seal):
    other = NoteKeys.create(tmp_path / "other" / "w.age", NoteSigner.WITNESS, "witness.example/w2", seal)

    for keys in ((), (*witness.state.keys, *other.keys)):
        with pytest.raises(ValueError, match="one witness"):
            RemoteWitness("https://witness.example", keys)


def test_every_refusal_is_of_one_family():
    assert issubclass(WitnessAhead, WitnessError)
    assert issubclass(WitnessRefused, WitnessError)
    assert issubclass(WitnessUnreachable, WitnessError)
