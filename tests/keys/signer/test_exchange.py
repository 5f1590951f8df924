"""Frames, questions and answers: what goes over the socket comes back, and nothing else is read."""

import socket
from threading import Thread

import pytest

from keys.signer import exchange
from keys.signer.exchange import MAX_FRAME, Answer, Ask, Outcome, Question, receive, send
from signing import cbor
from signing.errors import Malformed


@pytest.fixture
def line():
    """Two ends of a connection."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.settimeout(10)
    yield ours, theirs
    ours.close()
    theirs.close()


@pytest.mark.parametrize("size", [0, 1, 65535, 3_000_000])
def test_a_message_comes_out_as_it_went_in(line, size):
    ours, theirs = line
    message = bytes(range(256)) * (size // 256 + 1)
    sender = Thread(target=send, args=(ours, message[:size]))
    sender.start()

    assert receive(theirs) == message[:size]

    sender.join()


def test_messages_come_one_after_the_other(line):
    ours, theirs = line
    for message in (b"one", b"", b"three"):
        send(ours, message)
    ours.shutdown(socket.SHUT_WR)

    assert [receive(theirs) for _ in range(4)] == [b"one", b"", b"three", None]


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (b"\x00", "not a frame"),
        (b"\x00\x00\x00", "not a frame"),
        ((MAX_FRAME + 1).to_bytes(4, "big"), "not a frame"),
        (b"\xff\xff\xff\xff", "not a frame"),
        (b"GET / HTTP/1.1\r\n\r\n", "not a frame"),
        (b"\x00\x00\x00\x01", "cut short"),
        (b"\x00\x00\x00\x05four", "cut short"),
        (MAX_FRAME.to_bytes(4, "big") + b"a beginning", "cut short"),
    ],
    ids=repr,
)
def test_what_is_no_frame_is_refused(line, sent, why):
    ours, theirs = line
    ours.sendall(sent)
    ours.shutdown(socket.SHUT_WR)

    with pytest.raises(Malformed, match=why):
        receive(theirs)


def test_a_message_longer_than_a_frame_is_not_begun(line, monkeypatch):
    ours, theirs = line
    monkeypatch.setattr(exchange, "MAX_FRAME", 10)
    with pytest.raises(Malformed, match="longer than a frame"):
        send(ours, bytes(11))
    ours.shutdown(socket.SHUT_WR)

    assert receive(theirs) is None


def test_a_frame_that_does_not_go_on_is_not_waited_for_for_ever(line):
    ours, theirs = line
    theirs.settimeout(0.05)
    ours.sendall(b"\x00\x00\x00\x05fo")

    with pytest.raises(TimeoutError):
        receive(theirs)


@pytest.mark.parametrize(
    "question",
    [
        Question(Ask.KEYS),
        Question(Ask.LAST_ENTRY),
        Question(Ask.SIGN, b"\x01\x02\x03\x04", [[], [], []]),
        Question(Ask.SIGN, b"\x01\x02\x03\x04", {1: [b"any", "value", None, True, -5]}),
    ],
    ids=str,
)
def test_a_question_comes_back(question):
    assert Question.from_bytes(question.to_bytes()) == question


@pytest.mark.parametrize(
    "answer",
    [
        Answer(Outcome.DONE, [b"signature"]),
        Answer(Outcome.DONE, 0),
        Answer(Outcome.DONE),
        Answer(Outcome.REFUSED, None, "NumberTaken", "entry 3: its number was signed before, as entry 1"),
        Answer(Outcome.FAILED, None, "JournalUnavailable", "磁盘已满"),
    ],
    ids=str,
)
def test_an_answer_comes_back(answer):
    assert Answer.from_bytes(answer.to_bytes()) == answer


NO_CBOR = [
    b"",
    b"\xff",
    b"\x84",
    b"\x80\x00",
    b"\x9f\xff",
    b"GET / HTTP/1.1",
    bytes(100),
    b"\x81" * 9 + b"\x00",
]
NO_QUESTIONS = [
    None, 1, "sign", [], [1, "keys", b""], [1, "keys", b"", None, None], [0, "keys", b"", None],
    [2, "keys", b"", None], [True, "keys", b"", None], ["1", "keys", b"", None], [1, "private_key", b"", None],
    [1, "KEYS", b"", None], [1, "", b"", None], [1, b"keys", b"", None], [1, 0, b"", None],
    [1, "keys", "", None], [1, "keys", None, None], {1: "keys"},
]  # fmt: skip
NO_ANSWERS = [
    None, 0, [], [0], [0, [], []], [1], [1, "NumberTaken"], [1, "NumberTaken", "why", "more"], [2, None, "why"],
    [2, "kind", None], [2, b"kind", "why"], [3, "kind", "why"], [-1, "kind", "why"], [False, []], ["0", []], {0: []},
]  # fmt: skip


@pytest.mark.parametrize("message", [*NO_CBOR, *map(cbor.encode, NO_QUESTIONS)], ids=bytes.hex)
def test_what_is_no_question_is_refused(message):
    with pytest.raises(Malformed):
        Question.from_bytes(message)


@pytest.mark.parametrize("message", [*NO_CBOR, *map(cbor.encode, NO_ANSWERS)], ids=bytes.hex)
def test_what_is_no_answer_is_refused(message):
    with pytest.raises(Malformed):
        Answer.from_bytes(message)
