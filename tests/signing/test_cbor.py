"""Our CBOR against cbor2 as oracle, and against a table of encodings that must be refused."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing import cbor
from signing.cbor import MAX_INTEGER, Tagged
from signing.errors import Malformed

LEAVES = (
    st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.integers(-300, 70_000)
    | st.binary(max_size=300)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=100)
    | st.booleans()
    | st.none()
)
KEYS = st.integers(-300, 300) | st.integers(-MAX_INTEGER, MAX_INTEGER)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(KEYS, inner, max_size=30),
    max_leaves=30,
)


def oracle(value):
    """Encode with cbor2, whose own canonical mode has the older order of keys (RFC 7049)."""
    return cbor2.dumps(in_order(value))


def in_order(value):
    if isinstance(value, list):
        return [in_order(item) for item in value]
    if isinstance(value, dict):
        return {key: in_order(value[key]) for key in sorted(value, key=cbor2.dumps)}
    if isinstance(value, cbor2.CBORTag):
        return cbor2.CBORTag(value.tag, in_order(value.value))
    return value


def too_deep(value):
    try:
        cbor.encode(value)
    except Malformed:
        return True
    return False


@given(VALUES)
def test_what_we_encode_is_what_cbor2_encodes_canonically(value):
    if too_deep(value):
        return
    encoded = cbor.encode(value)

    assert encoded == oracle(value)
    assert cbor2.loads(encoded) == value
    assert cbor.decode(encoded) == value


@given(VALUES)
def test_a_tag_18_comes_back(value):
    if too_deep([value]):
        return
    encoded = cbor.encode(Tagged(18, value))

    assert encoded == oracle(cbor2.CBORTag(18, value))
    assert cbor.decode(encoded) == Tagged(18, value)


@given(st.binary(max_size=40))
def test_what_is_decoded_from_any_bytes_encodes_to_the_same_bytes(data):
    try:
        value = cbor.decode(data)
    except Malformed:
        return
    assert cbor.encode(value) == data


ARGUMENTS = st.sampled_from(
    (0, 1, 3, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**53 - 1, 2**53, 2**63)
)
ENCODED_HEADS = st.builds(
    lambda major, info, argument: (
        bytes((major << 5 | info,)) + (argument % 256 ** (1 << (info - 24))).to_bytes(1 << (info - 24), "big")
    ),
    st.integers(0, 7),
    st.integers(24, 27),
    ARGUMENTS,
)
FRAGMENTS = (
    ENCODED_HEADS
    | st.integers(0, 255).map(lambda octet: bytes((octet,)))
    | st.sampled_from(("名".encode(), "𬭸".encode(), b"ab", bytes(24)))
)


@given(st.lists(FRAGMENTS, max_size=8).map(b"".join), st.integers(0, 8))
def test_an_array_of_any_fragments_is_read_if_and_only_if_it_is_what_cbor2_writes(fragments, count):
    """Fragments are heads, lawful or not, and content: lengths too long and too short, in every branch."""
    data = bytes((0x80 | count,)) + fragments
    try:
        value = cbor.decode(data)
    except Malformed:
        assert not is_ours(data)
        return
    assert is_ours(data)
    assert oracle(value) == cbor.encode(value) == data


def is_ours(data):
    """Say by cbor2 alone whether these bytes are one item of our grammar in its one form."""
    try:
        value = cbor2.loads(data)
        return in_grammar(value) and oracle(value) == data
    except (cbor2.CBORError, TypeError, ValueError, OverflowError, MemoryError):
        return False


def in_grammar(value, levels=8):
    if type(value) in (list, dict, cbor2.CBORTag):
        if type(value) is dict:
            inner = list(value.values())
            lawful = all(type(key) is int and abs(key) <= MAX_INTEGER for key in value)
        else:
            inner, lawful = (value, True) if type(value) is list else ([value.value], value.tag == 18)
        return levels > 0 and lawful and all(in_grammar(item, levels - 1) for item in inner)
    if type(value) is int:
        return abs(value) <= MAX_INTEGER
    return type(value) in (bytes, str, bool, type(None))


@given(VALUES, st.integers(0), st.integers(0, 255))
def test_one_changed_byte_is_refused_or_another_value(value, place, byte):
    if too_deep(value):
        return
    data = bytearray(cbor.encode(value))
    data[place % len(data)] = byte
    try:
        other = cbor.decode(bytes(data))
    except Malformed:
        return
    assert cbor.encode(other) == bytes(data)


@given(VALUES)
def test_every_shorter_encoding_is_refused(value):
    if too_deep(value):
        return
    encoded = cbor.encode(value)
    for size in range(min(len(encoded), 60)):
        with pytest.raises(Malformed):
            cbor.decode(encoded[:size])


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("00", 0),
        ("17", 23),
        ("1818", 24),
        ("18ff", 255),
        ("190100", 256),
        ("19ffff", 65535),
        ("1a00010000", 65536),
        ("1affffffff", 4294967295),
        ("1b0000000100000000", 4294967296),
        ("1b001fffffffffffff", 2**53 - 1),
        ("20", -1),
        ("37", -24),
        ("3818", -25),
        ("3b001ffffffffffffe", -(2**53 - 1)),
        ("40", b""),
        ("60", ""),
        ("80", []),
        ("a0", {}),
        ("f4", False),
        ("f5", True),
        ("f6", None),
        ("d280", Tagged(18, [])),
        ("a401001818002000381800", {1: 0, 24: 0, -1: 0, -25: 0}),
        ("8181818181818180", [[[[[[[[]]]]]]]]),
    ],
)
def test_an_encoding_has_one_value_and_a_value_one_encoding(data, value):
    decoded = cbor.decode(bytes.fromhex(data))

    assert decoded == value
    assert type(decoded) is type(value)
    assert cbor.encode(value).hex() == data


@pytest.mark.parametrize("value", [0, 23, 24, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**53 - 1])
def test_a_number_in_an_array_or_a_map_is_written_as_by_itself(value):
    alone, below = cbor.encode(value), cbor.encode(-1 - value) if value < MAX_INTEGER else b"\x00"

    assert cbor.encode([value, value]) == b"\x82" + alone + alone
    assert cbor.encode({0: value}) == b"\xa1\x00" + alone
    assert cbor.decode(b"\x82" + alone + below) == [value, cbor.decode(below)]


@pytest.mark.parametrize("size", [0, 1, 23, 24, 255, 256, 65535, 65536])
@pytest.mark.parametrize("unit", [b"a", "a"], ids=["bytes", "text"])
def test_a_string_in_an_array_is_written_as_by_itself(unit, size):
    alone = cbor.encode(unit * size)

    assert cbor.encode([unit * size, 7]) == b"\x82" + alone + b"\x07"
    assert cbor.decode(b"\x82" + alone + b"\x07") == [unit * size, 7]


REFUSED = {
    "nothing": "",
    "two items": "0000",
    "an integer and a break": "00ff",
    "0 in two bytes": "1800",
    "23 in two bytes": "1817",
    "255 in three bytes": "1900ff",
    "65535 in five bytes": "1a0000ffff",
    "4294967295 in nine bytes": "1b00000000ffffffff",
    "-1 in two bytes": "3800",
    "-256 in three bytes": "3900ff",
    "2^53": "1b0020000000000000",
    "2^64 - 1": "1bffffffffffffffff",
    "-2^53": "3b001fffffffffffff",
    "-2^64": "3bffffffffffffffff",
    "head without its byte": "18",
    "head with one of two bytes": "1901",
    "head with three of four bytes": "1a000100",
    "head with seven of eight bytes": "1b00000001000000",
    "reserved head 28": "1c",
    "reserved head 29": "1d",
    "reserved head 30": "1e",
    "indefinite integer": "1f",
    "reserved byte string head": "5c00",
    "bytes cut short": "4100"[:2],
    "bytes length not shortest": "580100",
    "bytes length of eight bytes": "5b000000000000000100",
    "bytes of a huge length": "5b7fffffffffffffff00",
    "bytes of indefinite length": "5f4100ff",
    "text cut short": "6261",
    "text length not shortest": "780161",
    "text of indefinite length": "7f6161ff",
    "text not UTF-8": "61ff",
    "text with an overlong slash": "62c0af",
    "text with a surrogate": "63eda080",
    "text beyond U+10FFFF": "64f4908080",
    "array cut short": "8100"[:2],
    "array with an item missing": "8200",
    "array length not shortest": "980100",
    "array of a huge length": "9bffffffffffffffff",
    "array of indefinite length": "9f00ff",
    "array with a break in it": "81ff",
    "map with a value missing": "a100",
    "map cut short": "a2000001",
    "map length not shortest": "b8010000",
    "map of indefinite length": "bf0000ff",
    "map with a key twice": "a200000000",
    "map keys descending": "a201000000",
    "map keys in the order of RFC 7049": "a220001818" + "00",
    "map key a text": "a1616100",
    "map key bytes": "a1410000",
    "map key a boolean": "a1f500",
    "map key null": "a1f600",
    "map key an array": "a18000",
    "map key not shortest": "a1180000",
    "half float": "f90000",
    "single float": "fa00000000",
    "double float": "fb0000000000000000",
    "float NaN": "f97e00",
    "undefined": "f7",
    "simple 0": "e0",
    "simple 19": "f3",
    "simple 20 in two bytes": "f814",
    "simple 24 in two bytes": "f818",
    "simple 255": "f8ff",
    "break alone": "ff",
    "reserved simple": "fc",
    "tag 0": "c000",
    "tag 2": "c24101",
    "tag 17": "d100",
    "tag 24": "d8184100",
    "tag 18 not shortest": "d81280",
    "tag 18 in nine bytes": "db000000000000001280",
    "tag 55799": "d9d9f780",
    "tag without item": "d2",
    "nine arrays": "81" * 8 + "80",
    "nine maps": "a100" * 8 + "a0",
    "eight tags and an array": "d2" * 8 + "80",
    "nine tags": "d2" * 9 + "00",
    "a thousand arrays": "81" * 1000 + "00",
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED.keys())
def test_what_the_encoder_would_not_write_is_refused(data):
    for around in ("", "81", "8200", "a100", "d2"):
        with pytest.raises(Malformed):
            cbor.decode(bytes.fromhex(around + data))


@pytest.mark.parametrize(
    "value",
    [
        2**53,
        -(2**53),
        1.0,
        "\ud800",
        bytearray(b"a"),
        {"a": 1},
        {True: 1},
        {1: 1.5},
        [complex(1, 2)],
        {1, 2},
        Tagged(17, []),
        [[[[[[[[Tagged(18, 0)]]]]]]]],
        [[[[[[[[[]]]]]]]]],
        {1: {1: {1: {1: {1: {1: {1: {1: {}}}}}}}}},
    ],
    ids=repr,
)
def test_what_is_outside_the_grammar_is_not_written(value):
    with pytest.raises(Malformed):
        cbor.encode(value)


NEARLY_FULL = [[0] * 999] * 999 + [[0] * 998]
"""One array, a thousand in it, 998,999 numbers in those: a million items."""


def test_a_million_items_are_read_and_written():
    data = cbor.encode(NEARLY_FULL)

    assert cbor.decode(data) == NEARLY_FULL


@pytest.mark.parametrize(
    "value",
    [
        [*NEARLY_FULL, 0],
        [*NEARLY_FULL[:-1], [0] * 999],
        [*NEARLY_FULL[:-1], [*NEARLY_FULL[-1][:-1], {1: 2}]],
        [Tagged(18, [0] * 999), *NEARLY_FULL[1:]],
    ],
    ids=["in the first", "in the last", "in a map", "in a tag"],
)
def test_one_item_more_is_neither_read_nor_written(value, monkeypatch):
    with pytest.raises(Malformed):
        cbor.encode(value)
    with monkeypatch.context() as more:
        more.setattr(cbor, "MAX_ITEMS", 2_000_000)
        data = cbor.encode(value)
    with pytest.raises(Malformed, match="million"):
        cbor.decode(data)


@pytest.mark.parametrize("start", ["9a000f4240", "bb0000000100000000", "ba0007a120", "819a000f423f"])
def test_too_many_items_are_refused_at_their_announcement(start):
    with pytest.raises(Malformed, match="million"):
        cbor.decode(bytes.fromhex(start))


def test_map_keys_stand_in_the_order_of_their_encoding():
    assert cbor.encode({-1: 0, 24: 0, 0: 0, 256: 0}).hex() == "a40000181800190100002000"


def test_true_is_not_one():
    assert cbor.encode([True, 1]).hex() == "82f501"


@pytest.mark.parametrize("value", ["text", 7, None, ["\x80"]])
def test_what_is_no_bytes_is_malformed(value):
    with pytest.raises(Malformed):
        cbor.decode(value)
