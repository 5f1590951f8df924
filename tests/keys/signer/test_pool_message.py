import pytest

from keys.signer.pool_message import Answer, Outcome, Request
from signing import cbor
from signing.errors import FormatError

KEY_ID = b"\x01\x02\x03\x04"


@pytest.mark.parametrize("count", [0, 1, 64])
def test_a_request_comes_out_as_it_went_in(count):
    request = Request(KEY_ID, [bytes([place]) * 32 for place in range(count)], [b"bytes"] * count)

    assert Request.from_bytes(request.to_bytes()) == request


@pytest.mark.parametrize("outcome", Outcome)
def test_an_answer_comes_out_as_it_went_in(outcome):
    answer = Answer(outcome, bytes(range(64)) * 3)

    read = Answer.from_bytes(answer.to_bytes(), asked=3)

    assert read == answer
    assert read.signatures == [bytes(range(64))] * 3


@pytest.mark.parametrize(
    "message",
    [
        b"",
        cbor.encode([KEY_ID, bytes(32)]),
        cbor.encode([KEY_ID, bytes(32), []]),
        cbor.encode([KEY_ID, bytes(31), [b"bytes"]]),
        cbor.encode([KEY_ID, bytes(32), [1]]),
        cbor.encode([KEY_ID[:3], bytes(32), [b"bytes"]]),
        cbor.encode([KEY_ID, bytes(32), [b"bytes"]]) + b"\x00",
    ],
)
def test_what_is_no_request_is_refused(message):
    with pytest.raises(FormatError):
        Request.from_bytes(message)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        cbor.encode([0]),
        cbor.encode([0, bytes(63)]),
        cbor.encode([0, bytes(65)]),
        cbor.encode([0, "text"]),
        cbor.encode([4, b""]),
        cbor.encode([-1, b""]),
    ],
)
def test_what_is_no_answer_is_refused(message):
    with pytest.raises(FormatError):
        Answer.from_bytes(message, asked=1)
