"""What docs/formats.md says of the signer's evidence is what is written: kinds, members and their number, limits."""

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
from signing.roster import Duty, Roster, RosterEntry
from signing.series import SeriesOpening
from signing.statement import Level
from tests.instants import NOON_UTC
from tests.vectors.world import SeedKey

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

WRITTEN = {
    "roster": cbor2.loads(Roster("test", 1, NOON_UTC, (DUTY,)).to_payload()),
    "duty": DUTY.to_value(),
    "series-opening": cbor2.loads(OPENING.to_bytes()),
    "signing-request": REQUEST.to_value(),
    "item": ITEM.to_value(),
    "evidence": EVIDENCE.to_value(),
    "question": cbor2.loads(Question(Ask.SIGN, bytes(4), REQUEST.to_value()).to_bytes()),
    "answer": cbor2.loads(Answer(Outcome.DONE, [bytes(64)]).to_bytes()),
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
        assert [int(member.partition(":")[0]) for member in described] == list(WRITTEN[name])


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


def test_every_section_that_the_programs_name_is_there():
    sections = set(re.findall(r"^## (\d+)\.", FORMATS, re.MULTILINE))
    rooms = [Path(__file__).parents[1] / room for room in ("signing", "keys", "registry")]
    texts = [path.read_text("utf-8") for room in rooms for path in room.rglob("*.py")]
    named = {number for text in texts for number in re.findall(r"formats\.md`*\)? §(\d+)", text)}

    assert "13" in named
    assert named <= sections
