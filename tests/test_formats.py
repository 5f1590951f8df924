"""What docs/formats.md says of evidence and of the public log is what is written: kinds, members, limits."""

import re
from datetime import date
from pathlib import Path
from uuid import UUID

import cbor2
import pytest

from keys.signer.exchange import MAX_FRAME, Answer, Ask, Outcome, Question
from keys.signer.proof import CLOCKS_DIFFER
from keys.signer.request import MAX_EVIDENCE, MAX_ITEMS, MAX_OPENINGS, Evidence, Item, SigningRequest
from signing.cose import Kind
from signing.log.leaf import CHANGES, MAX_LEAF, Change, LeafKind
from signing.log.note import MAX_NAME_BYTES, MAX_NOTE, MAX_SIGNATURES, SignatureKind
from signing.log.proof import FIRST_LINE, MAX_STEPS, SUFFIX
from signing.log.tile import Tile, tiles_of
from signing.roster import Duty, Roster, RosterEntry
from signing.series import SeriesOpening
from signing.statement import Level
from tests.instants import NOON_UTC
from tests.signing.log.signers import HEAD, LOG, LOG_PQ, W1, W1_PQ, policy
from tests.signing.log.test_leaves import ISSUE, KEYS, SERIES, VOID
from tests.vectors.world import SeedKey, trust_keys

FORMATS = (Path(__file__).parents[1] / "docs" / "formats.md").read_text("utf-8")
DAY = date(2026, 11, 20)

DUTY = RosterEntry(
    public=SeedKey("reviewer").public,
    person=UUID(int=1),
    duty=Duty.OFFICE,
    jurisdiction="CN",
    first_on=DAY,
    last_on=DAY,
    revoked_at=None,
)
OPENING = SeriesOpening(
    profile=1,
    parts=(("body", "0001"),),
    issuer="S0001",
    site="000001",
    province="21",
    year=2026,
    level=Level.SENIOR,
    opened_at=NOON_UTC,
)
ITEM = Item(b"bytes", 0, b"row")
EVIDENCE = Evidence((b"", b"", b""), (b"", None, None))
REQUEST = SigningRequest([ITEM], [EVIDENCE])
REVOKED = Change(NOON_UTC, LeafKind.REVOKE, 1)
A_LOG = policy().to_value()

WRITTEN = {
    "roster": cbor2.loads(Roster("test", 1, NOON_UTC, (DUTY,)).to_payload()),
    "duty": DUTY.to_value(),
    "series-opening": cbor2.loads(OPENING.to_bytes()),
    "signing-request": REQUEST.to_value(),
    "item": ITEM.to_value(),
    "evidence": EVIDENCE.to_value(),
    "question": cbor2.loads(Question(Ask.SIGN, bytes(4), REQUEST.to_value()).to_bytes()),
    "answer": cbor2.loads(Answer(Outcome.DONE, [bytes(64)]).to_bytes()),
    "trust-keys": cbor2.loads(trust_keys(logs=(policy(),)).to_payload()),
    "log": A_LOG,
    "witness": A_LOG[2][0],
    "note-key": A_LOG[1][0],
    "issue-leaf": cbor2.loads(ISSUE.to_bytes()),
    "void-leaf": cbor2.loads(VOID.to_bytes()),
    "change-leaf": cbor2.loads(REVOKED.to_bytes()),
    "series-leaf": cbor2.loads(SERIES.to_bytes()),
    "keys-leaf": cbor2.loads(KEYS.to_bytes()),
}


def members(name):
    """Return the members of an array or map as the CDDL of this name has them, without comments."""
    start = re.search(rf"^{name} = ([\[{{])", FORMATS, re.MULTILINE)
    assert start is not None, f"{name} is not described"
    lines = [line.partition(";")[0] for line in FORMATS[start.end() :].splitlines()]
    found, depth = [""], 1
    for character in "\n".join(lines):
        depth += (character in "[{(") - (character in "]})")
        if depth == 0:
            break
        if character == "," and depth == 1:
            found.append("")
        else:
            found[-1] += character
    return [member.strip() for member in found if member.strip()]


def test_every_kind_of_signature_stands_in_the_table():
    table = FORMATS.partition("| KIND |")[2].partition("\n\n")[0]

    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE) == [str(kind) for kind in Kind]


@pytest.mark.parametrize("name", WRITTEN)
def test_what_is_written_has_as_many_members_as_are_described(name):
    described = members(name)

    assert len(described) == len(WRITTEN[name])
    if isinstance(WRITTEN[name], dict):
        assert [int(member.lstrip("? ").partition(":")[0]) for member in described] == list(WRITTEN[name])


def test_an_answer_that_is_none_has_three_members():
    refusal = Answer(Outcome.REFUSED, None, "NumberTaken", "why")

    assert "[1..2, kind: tstr, why: tstr]" in FORMATS
    assert cbor2.loads(refusal.to_bytes()) == [1, "NumberTaken", "why"]
    assert [int(outcome) for outcome in Outcome] == [0, 1, 2]


@pytest.mark.parametrize(("name", "place", "words"), [("duty", 3, Duty), ("question", 1, Ask)])
def test_every_word_that_may_stand_there_is_described(name, place, words):
    assert re.findall(r'"(\w+)"', members(name)[place]) == [str(word) for word in words]


def test_the_limits_are_those_of_the_program():
    assert f"at most {MAX_FRAME}" in FORMATS
    for most, name in ((MAX_ITEMS, "item"), (MAX_EVIDENCE, "evidence"), (MAX_OPENINGS, "bstr")):
        assert f"[0*{most} {name}]" in FORMATS
    minutes = int(CLOCKS_DIFFER.total_seconds() // 60)
    assert f"none later than {minutes} minutes from now" in FORMATS


def test_every_kind_of_leaf_is_described():
    leaves = FORMATS.partition("\nleaf = ")[2].partition("\n")[0].split(" / ")
    kinds = [members(name)[1].partition("kind: ")[2] for name in leaves]

    changes = f"{min(CHANGES)}..{max(CHANGES)}"
    assert [WRITTEN[name][1] for name in leaves] == [1, 2, LeafKind.REVOKE, 7, 8]
    assert kinds == ["1", "2", changes, "7", "8"]
    assert set(CHANGES) | {1, 2, 7, 8} == set(LeafKind) == set(range(1, 9))


def test_every_kind_of_note_key_is_described_with_its_sizes():
    table = FORMATS.partition("| kind | key, signature |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (\d) \| .*?(\d+) and (\d+) bytes", table, re.MULTILINE)

    sizes = {
        signer.kind: (len(signer.key.public), len(signer.private.sign(b""))) for signer in (LOG, W1, W1_PQ)
    }
    assert {int(kind): (int(key), int(signature)) for kind, key, signature in rows} == sizes
    assert set(sizes) == set(SignatureKind)
    assert f"kind: {' / '.join(str(int(kind)) for kind in SignatureKind)}," in FORMATS


def test_the_bytes_under_ml_dsa_are_as_long_as_described():
    lengths = len(b"subtree/v1\n\0") + 1 + len(LOG_PQ.name) + 8 + 1 + len(HEAD.origin) + 8 + 8 + 32

    assert len(LOG_PQ.key.message(HEAD, 1)) == lengths


def test_the_limits_of_the_log_are_those_of_the_program():
    log = FORMATS.partition("## 14.")[2]

    assert f"at most {MAX_LEAF} bytes" in log
    assert f"at most {MAX_NOTE} bytes and {MAX_SIGNATURES} lines" in log
    assert f"1 to {MAX_NAME_BYTES} bytes" in log
    assert f"`{SUFFIX}`, at most {2 * MAX_NOTE} bytes" in log
    assert f"upwards, at most {MAX_STEPS}." in log
    assert f"\n{FIRST_LINE}\nextra " in log


def test_the_examples_of_files_are_those_of_the_program():
    assert f"1234067 is `{Tile(0, 1_234_067).path.removeprefix('tile/0/')}`" in FORMATS
    assert [tile.width for tile in tiles_of(70_000) if tile != tile.full] == [112, 17, 1]


def test_every_section_that_the_programs_name_is_there():
    sections = set(re.findall(r"^## (\d+)\.", FORMATS, re.MULTILINE))
    rooms = [Path(__file__).parents[1] / room for room in ("signing", "keys", "registry")]
    texts = [path.read_text("utf-8") for room in rooms for path in room.rglob("*.py")]
    named = {number for text in texts for number in re.findall(r"formats\.md`*\)? §(\d+)", text)}

    assert {"13", "14"} <= named
    assert named <= sections
