"""Which numbers the signer takes for lawful: those in a series that a registrar opened for just this."""

from datetime import UTC, date, datetime

import pytest

from keys.errors import EvidenceRefused
from signing.cose import Kind
from signing.evidence import Step
from signing.roster import Duty
from signing.statement import Level
from tests.instants import NOON_UTC
from tests.keys.signer.evidence_world import (
    FORMER_REGISTRAR,
    ISSUING,
    PARTS,
    REVIEWERS,
    STRANGER,
    a_decision,
    a_request,
    a_row,
    an_item,
    an_opening,
    held,
    number,
    refused,
    roster,
    signed,
    some_rows,
    unknown,
)
from tests.vectors.variants import last_bit_flipped
from tests.vectors.world import DTE, LEGACY


def numbered(changes, *, rows=None, openings=None):
    rows = rows or some_rows()
    items = [an_item(rows[0], number=number(1, **changes)), *(an_item(row) for row in rows[1:])]
    return a_request(rows, items=items, openings=openings)


def in_numbers(packed):
    return a_request(items=[an_item(a_row(1), number=packed), *a_request().items[1:]])


def opened(**changes):
    return a_request(openings=[an_opening(**changes)])


NOT_OPEN = "entry 1: its number lies in no series that was opened"
OTHERS = "entry 1: its number lies in the series of another body, site, year or level"
OTHER_PARTS = {
    name: tuple({**PARTS, **parts}.items())
    for name, parts in {"body": {"body": "0002"}, "site": {"site": "000002"}}.items()
}
OPENINGS = {
    "none": (lambda: a_request(openings=[]), NOT_OPEN),
    "of another body's numbers": (lambda: numbered({"body": "0002"}), NOT_OPEN),
    "of another category's numbers": (lambda: numbered({"category": "T"}), NOT_OPEN),
    "of another province's numbers": (lambda: numbered({"province": "33"}), NOT_OPEN),
    "of another site's numbers": (lambda: numbered({"site": "000002"}), NOT_OPEN),
    "of another year's numbers": (lambda: numbered({"year": "27"}), NOT_OPEN),
    "of another level's numbers": (lambda: numbered({"level": "1"}), NOT_OPEN),
    "serial 0": (lambda: in_numbers(number(0)), NOT_OPEN),
    "a number of a profile that no opening names": (
        lambda: in_numbers(LEGACY.pack("2601000001300001")),
        NOT_OPEN,
    ),
    "a number of a profile that the trust bundle does not know": (
        lambda: in_numbers(bytes([99]) + number(1)[1:]),
        NOT_OPEN,
    ),
    "a number too short": (lambda: in_numbers(number(1)[:-1]), "entry 1: '.*' is not a number of profile"),
    "a number too long": (lambda: in_numbers(number(1) + b"\x00"), "entry 1: '.*' is not a number of profile"),
    "a number beyond the profile's largest": (lambda: in_numbers(b"\x01" + b"\xff" * DTE.size), NOT_OPEN),
    "opened for another body": (lambda: opened(issuer="S0002"), OTHERS),
    "opened for another site": (lambda: opened(site="000002"), OTHERS),
    "opened for another province": (lambda: opened(province="33"), OTHERS),
    "opened for another year": (lambda: opened(year=2126), OTHERS),
    "opened for another level": (lambda: opened(level=Level.JUNIOR), OTHERS),
    "in another body's open series": (
        lambda: numbered(
            {"body": "0002"}, openings=[an_opening(), an_opening(parts=OTHER_PARTS["body"], issuer="S0002")]
        ),
        OTHERS,
    ),
    "in another site's open series": (
        lambda: numbered(
            {"site": "000002"}, openings=[an_opening(), an_opening(parts=OTHER_PARTS["site"], site="000002")]
        ),
        OTHERS,
    ),
    "another body's number in a series that says it is the row's": (
        lambda: numbered({"body": "0002"}, openings=[an_opening(parts=OTHER_PARTS["body"])]),
        "entry 1: its number is another body's",
    ),
    "opened at the end of time": (
        lambda: opened(opened_at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        "the opening of a series does not count: .* to ",
    ),
    "opened by a reviewer": (
        lambda: opened(key=REVIEWERS[Step.OFFICE]),
        "the opening of a series does not count: .* no duty 'series'",
    ),
    "opened by a stranger": (lambda: opened(key=STRANGER), unknown(STRANGER)),
    "opened by the issuing key": (lambda: opened(key=ISSUING), unknown(ISSUING)),
    "opened after its key's last day": (
        lambda: opened(key=FORMER_REGISTRAR, opened_at=NOON_UTC),
        "the opening of a series does not count: .* to 2026-11-19",
    ),
    "opened for another environment": (
        lambda: opened(env="production"),
        "the opening of a series does not count: the signature does not hold",
    ),
    "opened by a signature of another kind": (
        lambda: opened(kind=Kind.DECISION),
        "the opening of a series does not count: the signature does not hold",
    ),
    "an opening that was altered": (
        lambda: a_request(openings=[last_bit_flipped(an_opening())]),
        "the opening of a series does not count: the signature does not hold",
    ),
    "a decision instead of an opening": (
        lambda: a_request(openings=[a_decision(Step.OFFICE, some_rows())]),
        "the opening of a series does not count: the signature does not hold",
    ),
    "something else instead of an opening": (
        lambda: a_request(openings=[b"\x80"]),
        "the opening of a series does not count",
    ),
    "of a profile that the trust bundle does not know": (
        lambda: opened(profile=99),
        "a series of profile 99, which the trust bundle does not know",
    ),
    "without a field": (
        lambda: opened(parts=tuple(PARTS.items())[:-1]),
        "the opening of a series does not count: a series names every field",
    ),
    "with a text that does not fit": (
        lambda: opened(parts=tuple({**PARTS, "site": "1"}.items())),
        "the opening of a series does not count: '.*' is not a number of profile",
    ),
    "two that count by different fields": (
        lambda: a_request(
            openings=[
                an_opening(),
                an_opening(
                    parts=tuple({name: PARTS.get(name, "000001") for name in NAMES if name != "level"}.items())
                ),
            ]
        ),
        "two series of profile 1 count by different fields",
    ),
    "a good one and a bad one": (
        lambda: a_request(openings=[an_opening(), an_opening(key=STRANGER)]),
        unknown(STRANGER),
    ),
}  # fmt: skip
NAMES = [field.name for field in DTE.fields]


@pytest.mark.parametrize(("cheat", "words"), OPENINGS.values(), ids=OPENINGS.keys())
def test_a_number_lies_in_a_series_that_a_registrar_opened_for_it(room, cheat, words):
    refused(room, cheat(), words)


def test_series_are_opened_for_the_whole_country(room):
    known = roster(held(STRANGER, 20, Duty.SERIES, "CN-21"))

    with pytest.raises(EvidenceRefused, match="no duty 'series': not in CN"):
        room.signer(known=known).sign_many(opened(key=STRANGER))


def test_what_a_registrar_opened_while_his_key_counted_stays_open(room):
    assert len(signed(room, opened(key=FORMER_REGISTRAR))) == 3


def test_the_year_of_a_series_is_that_of_the_date(room):
    rows = some_rows(issued_on=date(2027, 1, 4))

    refused(room, a_request(rows), OTHERS)
    changes = {"parts": tuple({**PARTS, "year": "27"}.items()), "year": 2027}
    items = [an_item(row, number=number(row.row, year="27")) for row in rows]
    assert len(signed(room, a_request(rows, items=items, openings=[an_opening(**changes)]))) == 3
