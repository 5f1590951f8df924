"""Leaves: what they say comes back, and no two bytes say the same."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import cbor2
import pytest

from signing.errors import Malformed, SigningError, UnknownVersion
from signing.log.leaf import MAX_LEAF, Change, Issue, KeyEvent, LeafKind, SeriesOpened, Void, read_leaf
from tests.vectors.world import NUMBER

AT = datetime(2026, 11, 27, 4, tzinfo=UTC)
SECONDS = 1_795_752_000
DIGEST = bytes(range(32))
DAYS = (date(2026, 11, 27) - date(1970, 1, 1)).days

ISSUE = Issue(AT, 100, NUMBER, 1, date(2026, 11, 27), DIGEST)
VOID = Void(AT, 101, NUMBER, 2)
SERIES = SeriesOpened(AT, 1, ("S", "0001", "21", "000001", "26", "3"))
KEYS = KeyEvent(AT, "renew", "trust/keys", 8, DIGEST, (b"\x01\x02\x03\x04", bytes(4)))

LEAVES = {
    "an issue": (ISSUE, [1, 1, SECONDS, 100, NUMBER, 1, DAYS, DIGEST]),
    "a correction": (replace(ISSUE, version=2), [1, 1, SECONDS, 100, NUMBER, 2, DAYS, DIGEST]),
    "the last entry": (replace(ISSUE, entry=2**32 - 1), [1, 1, SECONDS, 2**32 - 1, NUMBER, 1, DAYS, DIGEST]),
    "a void": (VOID, [1, 2, SECONDS, 101, NUMBER, 2]),
    "a void of which nobody knows the number": (Void(AT, 101, None, None), [1, 2, SECONDS, 101, None, None]),
    "a suspension": (Change(AT, LeafKind.SUSPEND, 7), [1, 3, SECONDS, 7]),
    "a reinstatement": (Change(AT, LeafKind.REINSTATE, 7), [1, 4, SECONDS, 7]),
    "a revocation": (Change(AT, LeafKind.REVOKE, 7), [1, 5, SECONDS, 7]),
    "a succession": (Change(AT, LeafKind.SUPERSEDE, 7), [1, 6, SECONDS, 7]),
    "a series": (SERIES, [1, 7, SECONDS, 1, list(SERIES.parts)]),
    "a series of one part": (replace(SERIES, parts=("",)), [1, 7, SECONDS, 1, [""]]),
    "keys": (KEYS, [1, 8, SECONDS, "renew", "trust/keys", 8, DIGEST, list(KEYS.keys)]),
    "keys, none named": (replace(KEYS, keys=()), [1, 8, SECONDS, "renew", "trust/keys", 8, DIGEST, []]),
    "the beginning of time": (Change(AT - timedelta(seconds=SECONDS), LeafKind.SUSPEND, 1), [1, 3, 0, 1]),
}
VALUES = [leaf for leaf, _ in LEAVES.values()]


def leaf_bytes(content) -> bytes:
    return cbor2.dumps(content, canonical=True)


@pytest.mark.parametrize(("leaf", "content"), LEAVES.values(), ids=LEAVES)
def test_a_leaf_comes_back_from_its_bytes(leaf, content):
    assert leaf.to_bytes() == leaf_bytes(content)
    assert read_leaf(leaf.to_bytes()) == leaf


@pytest.mark.parametrize("leaf", VALUES, ids=LEAVES)
def test_a_flipped_bit_makes_another_leaf_or_none(leaf):
    data = leaf.to_bytes()

    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit >> 3] ^= 0x80 >> (bit & 7)
        try:
            read = read_leaf(bytes(changed))
        except SigningError:
            continue
        assert read != leaf
        assert read.to_bytes() == bytes(changed)


@pytest.mark.parametrize("leaf", VALUES, ids=LEAVES)
def test_a_leaf_that_was_cut_or_goes_on_is_none(leaf):
    data = leaf.to_bytes()

    for changed in (*(data[:end] for end in range(len(data))), data + b"\x00", b"\x00" + data, data + data):
        with pytest.raises(Malformed):
            read_leaf(changed)


def place(name: str, at: int, value: object) -> list[object]:
    """Return the content of a leaf with one item changed."""
    content = list(LEAVES[name][1])
    content[at] = value
    return content


ODD = {
    "an integer": 1,
    "an empty array": [],
    "a map": {1: 1},
    "version 0": place("an issue", 0, 0),
    "version true": place("an issue", 0, True),
    "version -1": place("an issue", 0, -1),
    "a version and nothing": [1],
    "an unknown kind": place("a suspension", 1, 9),
    "kind 0": place("a suspension", 1, 0),
    "a kind in text": place("a suspension", 1, "3"),
    "a kind that is true": place("an issue", 1, True),
    "a negative instant": place("an issue", 2, -1),
    "an instant in text": place("an issue", 2, "2026-11-27T04:00:00Z"),
    "the year 10000": place("an issue", 2, 253_402_300_800),
    "entry 0": place("an issue", 3, 0),
    "an entry of 33 bits": place("an issue", 3, 2**32),
    "no number": place("an issue", 4, None),
    "a number of one byte": place("an issue", 4, b"\x01"),
    "a number of 13 bytes": place("an issue", 4, bytes(13)),
    "a number in text": place("an issue", 4, "S000123000001263000001"),
    "version 0 of a number": place("an issue", 5, 0),
    "no version of a number": place("an issue", 5, None),
    "a day too late": place("an issue", 6, 65_536),
    "a digest of 31 bytes": place("an issue", 7, DIGEST[:-1]),
    "a digest of 33 bytes": place("an issue", 7, DIGEST + b"\x00"),
    "an issue with one item less": LEAVES["an issue"][1][:-1],
    "an issue with one item more": [*LEAVES["an issue"][1], None],
    "a change with one item more": [*LEAVES["a suspension"][1], "reason"],
    "a change of entry 0": place("a suspension", 3, 0),
    "a void with one item less": LEAVES["a void"][1][:-1],
    "a void with one item more": [*LEAVES["a void"][1], 1],
    "a void of version 0": place("a void", 5, 0),
    "a void of entry 0": place("a void", 3, 0),
    "profile 0": place("a series", 3, 0),
    "profile 256": place("a series", 3, 256),
    "a series of no parts": place("a series", 4, []),
    "a part in bytes": place("a series", 4, [b"S"]),
    "a ceremony in bytes": place("keys", 3, b"renew"),
    "a file that is null": place("keys", 4, None),
    "version -1 of a file": place("keys", 5, -1),
    "a short digest of a file": place("keys", 6, DIGEST[:-1]),
    "a key id of 3 bytes": place("keys", 7, [bytes(3)]),
    "a key id of 5 bytes": place("keys", 7, [bytes(5)]),
    "keys with one item more": [*LEAVES["keys"][1], 0],
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_what_our_writer_would_not_write_is_refused(content):
    with pytest.raises(Malformed):
        read_leaf(leaf_bytes(content))


OTHER_CODINGS = {
    "a long integer": lambda data: data.replace(b"\x18\x64", b"\x19\x00\x64"),
    "an array of open length": lambda data: b"\x9f" + data[1:] + b"\xff",
    "a long array header": lambda data: b"\x98\x08" + data[1:],
    "a float for an integer": lambda data: data[:1] + b"\xf9\x3c\x00" + data[2:],
    "a tag around it": lambda data: b"\xc0" + data,
    "text for bytes": lambda data: data.replace(b"\x58\x20", b"\x78\x20"),
    "a bignum": lambda data: data.replace(b"\x18\x64", b"\xc2\x41\x64"),
}


@pytest.mark.parametrize("recode", OTHER_CODINGS.values(), ids=OTHER_CODINGS)
def test_the_same_in_another_coding_is_refused(recode):
    changed = recode(ISSUE.to_bytes())

    assert changed != ISSUE.to_bytes()
    with pytest.raises(Malformed):
        read_leaf(changed)


@pytest.mark.parametrize(
    "content", [[2], [2, 1], [2, "anything", {}], [3, *LEAVES["an issue"][1][1:]]], ids=repr
)
def test_a_leaf_of_a_later_version_is_told_apart(content):
    with pytest.raises(UnknownVersion) as refusal:
        read_leaf(leaf_bytes(content))

    assert refusal.value.version == content[0]


def test_a_leaf_has_at_most_what_a_bundle_can_hold():
    longest = replace(
        KEYS, ceremony="x" * (MAX_LEAF - len(replace(KEYS, ceremony="x" * 60_000).to_bytes()) + 60_000)
    )

    assert len(longest.to_bytes()) == MAX_LEAF == 65_535
    assert read_leaf(longest.to_bytes()) == longest
    with pytest.raises(Malformed, match="at most"):
        read_leaf(replace(longest, ceremony=longest.ceremony + "x").to_bytes())


UNWRITABLE = {
    "a fraction of a second": lambda: replace(ISSUE, at=AT + timedelta(microseconds=1)),
    "entry 0": lambda: replace(ISSUE, entry=0),
    "a short digest": lambda: replace(ISSUE, digest=DIGEST[:-1]),
    "a number without its profile": lambda: replace(ISSUE, number=b""),
    "version 0": lambda: replace(ISSUE, version=0),
    "a day before 1970": lambda: replace(ISSUE, issued_on=date(1969, 12, 31)),
    "version 0 of a void": lambda: replace(VOID, version=0),
    "an issue as a change": lambda: Change(AT, LeafKind.ISSUE, 7),
    "a change of entry 0": lambda: Change(AT, LeafKind.REVOKE, 0),
    "a series of no parts": lambda: replace(SERIES, parts=()),
    "profile 256": lambda: replace(SERIES, profile=256),
    "a key id of 3 bytes": lambda: replace(KEYS, keys=(bytes(3),)),
    "a surrogate": lambda: replace(KEYS, ceremony="\udc80"),
}


@pytest.mark.parametrize("make", UNWRITABLE.values(), ids=UNWRITABLE)
def test_what_could_not_be_read_back_is_not_written(make):
    with pytest.raises(Malformed):
        make().to_bytes()


def test_an_instant_is_in_utc_wherever_it_was_told():
    in_china = ISSUE.at.astimezone(timezone(timedelta(hours=8)))

    assert replace(ISSUE, at=in_china).to_bytes() == ISSUE.to_bytes()
    assert read_leaf(ISSUE.to_bytes()).at.utcoffset() == timedelta()


def test_an_issue_names_nobody():
    data = ISSUE.to_bytes()

    assert len(data) < 80
    assert [type(item) for item in cbor2.loads(data)] == [int, int, int, int, bytes, int, int, bytes]
