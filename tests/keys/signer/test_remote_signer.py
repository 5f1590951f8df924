"""The register's side of the socket: what it makes of a signer that hangs, lies, dies or is not there."""

import socket
from threading import Event

import pytest

from keys.errors import RefusedBySigner, RequestTooLong, SignerUnreachable
from keys.signer import listener, remote_signer
from keys.signer.exchange import Answer, Outcome, receive, send
from keys.signer.remote_signer import DoubtedSigner, SignerClient
from signing.ed25519 import admit
from tests.keys.signer.evidence_world import ISSUING, a_request
from tests.keys.signer.socket_rig import PATIENCE_SECONDS, Program, pretending, serving


@pytest.fixture(autouse=True)
def quick_look_out(monkeypatch):
    monkeypatch.setattr(listener, "IDLE_CHECK_SECONDS", 0.02)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "signer.sock"


@pytest.fixture
def client(path):
    client = SignerClient(path, patience_seconds=PATIENCE_SECONDS)
    yield client
    client.close()


def saying(*answers):
    """Return what answers the questions of one connection in turn, then hangs up."""

    def act(connection):
        for place, answer in enumerate(answers):
            if place:
                receive(connection)
            send(connection, answer if isinstance(answer, bytes) else answer.to_bytes())

    return act


def test_a_signer_that_hangs_is_waited_for_no_longer_than_one_has_patience(path):
    client, let_go = SignerClient(path, patience_seconds=0.05), Event()

    with pretending(path, lambda connection: let_go.wait(PATIENCE_SECONDS)) as connections:
        with pytest.raises(SignerUnreachable, match="it does not answer"):
            client.last_entry()
        let_go.set()

    assert connections == [1]
    client.close()


def test_a_signer_that_begins_an_answer_and_hangs_is_unreachable(path):
    client, let_go = SignerClient(path, patience_seconds=0.05), Event()

    def act(connection):
        connection.sendall(b"\x00\x00\x00\x64half of it")
        let_go.wait(PATIENCE_SECONDS)

    with pretending(path, act):
        with pytest.raises(SignerUnreachable, match="it does not answer"):
            client.last_entry()
        let_go.set()

    client.close()


def test_a_signer_that_hangs_up_at_once_is_not_asked_again_and_again(path, client):
    with pretending(path, saying()) as connections:
        with pytest.raises(SignerUnreachable, match="the signer closed the connection"):
            client.last_entry()

        assert connections == [1]


def test_a_question_whose_answer_was_lost_is_asked_once_more(path, client):
    with pretending(path, saying(Answer(Outcome.DONE, 4))) as connections:
        assert [client.last_entry() for _ in range(3)] == [4, 4, 4]

        assert connections == [3]


LIES = {
    "nonsense": b"\xff\xff",
    "an empty answer": b"",
    "no answer": b"\x80",
    "another outcome": b"\x83\x07\x60\x60",
    "nothing where keys should be": Answer(Outcome.DONE, None),
    "text where keys should be": Answer(Outcome.DONE, ["key"]),
    "a key id too long": Answer(Outcome.DONE, [bytes(5)]),
    "a number": Answer(Outcome.DONE, 7),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_an_answer_that_is_none_gives_no_signer(path, client, lie):
    with pretending(path, saying(lie)), pytest.raises(SignerUnreachable, match="it gave no proper answer"):
        client.signers()


WRONG_SIGNATURES = {
    "none": [],
    "one less": [bytes(64)] * 2,
    "one more": [bytes(64)] * 4,
    "a short one": [bytes(64), bytes(63), bytes(64)],
    "a long one": [bytes(64), bytes(65), bytes(64)],
    "text": ["a" * 64] * 3,
    "an array": [[bytes(64)]] * 3,
}


@pytest.mark.parametrize("signatures", WRONG_SIGNATURES.values(), ids=WRONG_SIGNATURES.keys())
def test_signatures_that_are_none_or_not_as_many_as_asked_for_are_not_taken(path, client, signatures):
    answer = Answer(Outcome.DONE, signatures)
    with pretending(path, saying(answer)), pytest.raises(SignerUnreachable, match="it gave no proper answer"):
        client.sign(ISSUING.key_id, a_request())


@pytest.mark.parametrize("last", [None, [], b"7", "7", True], ids=repr)
def test_a_last_entry_that_is_no_number_is_no_answer(path, client, last):
    with (
        pretending(path, saying(Answer(Outcome.DONE, last))),
        pytest.raises(SignerUnreachable, match="it gave no proper answer"),
    ):
        client.last_entry()


def test_a_refusal_is_not_taken_for_an_outage_nor_the_reverse(path, client):
    refused = Answer(Outcome.REFUSED, None, "NumberTaken", "entry 3: taken")
    failed = Answer(Outcome.FAILED, None, "JournalUnavailable", "disk full")

    with pretending(path, saying(refused, failed)):
        with pytest.raises(RefusedBySigner, match="entry 3: taken") as refusal:
            client.sign(ISSUING.key_id, a_request())
        with pytest.raises(SignerUnreachable, match=f"the signer at {path}: disk full"):
            client.sign(ISSUING.key_id, a_request())

    assert refusal.value.kind == "NumberTaken"


def test_without_a_signer_the_way_to_it_is_told(path, client):
    with pytest.raises(SignerUnreachable, match=f"the signer at {path}: No such file or directory"):
        client.signers()

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left_behind:
        left_behind.bind(str(path))
    with pytest.raises(SignerUnreachable, match="Connection refused"):
        client.signers()


def test_a_request_that_no_frame_holds_is_refused_and_the_connection_goes_on(room, path, client, monkeypatch):
    with serving(Program(room).service, path):
        signer = client.signers()[ISSUING.key_id]
        monkeypatch.setattr(remote_signer, "MAX_FRAME", 500)

        with pytest.raises(RequestTooLong) as refusal:
            signer.sign_many(a_request())

        assert refusal.value.size > refusal.value.most == 500
        assert client.last_entry() == 0


def test_a_client_that_was_closed_connects_anew(room, path, client):
    with serving(Program(room).service, path):
        for _ in range(2):
            assert client.last_entry() == 0
            client.close()
            client.close()


def test_a_signer_knows_its_key(room, path, client):
    with serving(Program(room).service, path):
        ((key_id, signer),) = client.signers().items()

    assert key_id == signer.key_id == ISSUING.key_id


class GivesAnothers:
    """A signer that gives the signatures of another request, and its own when they are asked for."""

    def __init__(self, signer):
        self.signer, self.key_id = signer, signer.key_id
        self.given = None

    def sign_many(self, request):
        return self.given or self.signer.sign_many(request)


def test_a_signature_that_does_not_verify_is_not_handed_on(room, path):
    lying = GivesAnothers(room.signer())
    doubted = DoubtedSigner(path, lying, admit(ISSUING.public))
    request = a_request()
    honest = doubted.sign_many(request)
    assert doubted.key_id == ISSUING.key_id

    for wrong in (honest[1:] + honest[:1], [*honest[:2], bytes(64)], [*honest[:2], b""]):
        lying.given = wrong
        with pytest.raises(SignerUnreachable, match="gave a signature that does not verify"):
            doubted.sign_many(request)
    lying.given = honest
    assert doubted.sign_many(request) == honest
