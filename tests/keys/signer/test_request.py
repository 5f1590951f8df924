"""A request as it is written down: what is no request is not read."""

import pytest

from keys.signer.request import SigningRequest
from signing.errors import Malformed
from tests.keys.signer.evidence_world import (
    a_request,
)

VALUE = a_request().to_value()
WRONG_REQUESTS = {
    "an index out of range": lambda value: value[0][0].__setitem__(1, 1),
    "an index below 0": lambda value: value[0][0].__setitem__(1, -1),
    "an index that is true": lambda value: value[0][0].__setitem__(1, True),
    "a row without evidence": lambda value: value[0][0].__setitem__(1, None),
    "evidence without a row": lambda value: value[0][0].__setitem__(2, None),
    "a row that is text": lambda value: value[0][0].__setitem__(2, "row"),
    "bytes that are none": lambda value: value[0][0].__setitem__(0, None),
    "an item less": lambda value: value[0][0].pop(),
    "what it corrects is a number": lambda value: value[0][0].__setitem__(3, 1),
    "two decisions": lambda value: value[1][0][0].pop(),
    "four decisions": lambda value: value[1][0][0].append(b""),
    "a decision that is none": lambda value: value[1][0][0].__setitem__(0, None),
    "no leaves of the province": lambda value: value[1][0][1].__setitem__(0, None),
    "a part of a hash": lambda value: value[1][0][1].__setitem__(0, bytes(33)),
    "leaves in an array": lambda value: value[1][0][1].__setitem__(1, [bytes(32)]),
    "two sets of leaves": lambda value: value[1][0][1].pop(),
    "an opening that is text": lambda value: value[2].append("opening"),
    "openings that are none": lambda value: value.__setitem__(2, None),
    "without openings": lambda value: value.pop(),
    "1001 items": lambda value: value[0].extend(value[0][:1] * 998),
    "1001 submissions": lambda value: value[1].extend(value[1][:1] * 1000),
    "1001 openings": lambda value: value[2].extend(value[2][:1] * 1000),
}  # fmt: skip


@pytest.mark.parametrize("edit", WRONG_REQUESTS.values(), ids=WRONG_REQUESTS.keys())
def test_what_is_no_request_is_not_read(edit):
    value = a_request().to_value()
    edit(value)

    with pytest.raises(Malformed):
        SigningRequest.from_value(value)


@pytest.mark.parametrize("value", [None, 0, [], [[], []], [[], [], [], []], {}, b""], ids=repr)
def test_what_has_another_shape_is_no_request(value):
    with pytest.raises(Malformed):
        SigningRequest.from_value(value)


def test_a_request_comes_back_with_its_limits_reached():
    value = a_request().to_value()
    value[0] *= 333
    value[1] *= 1000
    value[2] *= 1000

    read = SigningRequest.from_value(value)

    assert (len(read.items), len(read.evidence), len(read.openings)) == (999, 1000, 1000)
    assert read.to_value() == value
