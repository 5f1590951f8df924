"""What the signer finds proved: an honest request is signed, each way to cheat is refused whole and leaves no trace."""

from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import pytest

from keys.errors import EvidenceRefused, NumberTaken, OtherContentForEntry, SigningRefused, WrongCorrection
from keys.signer.request import Evidence, Item, SigningRequest, repeats
from signing import merkle
from signing.cose import Kind
from signing.errors import Malformed
from signing.evidence import Row, Step
from signing.roster import Duty
from signing.signed_bytes import statement_of_signed_bytes, token_of_signed_bytes
from signing.statement import Level, Occupation
from signing.token import open_token
from tests.instants import NOON_UTC, THAT_DAY
from tests.keys.signer.evidence_world import (
    BOTH,
    DAY,
    ELSEWHERE,
    FORMER_REGISTRAR,
    HOUR,
    ISSUING,
    LAST_ON,
    OTHER_SUBMISSION,
    PARTS,
    REGISTRAR,
    REVIEWERS,
    REVOKED,
    REVOKED_AT,
    STRANGER,
    TOMORROWS,
    TWIN,
    YESTERDAYS,
    SignerRoom,
    a_decision,
    a_request,
    a_row,
    an_item,
    an_opening,
    decided,
    evidence,
    hashes,
    held,
    narrowed,
    number,
    roster,
    some_rows,
    to_be_signed,
    trust,
)
from tests.vectors.variants import last_bit_flipped
from tests.vectors.world import DTE, LEGACY

PROVINCE, CENTRE, OFFICE = Step
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def room(tmp_path):
    return SignerRoom.made_in(tmp_path)


def refused(room, request, words, *, error=EvidenceRefused, now=NOON_UTC):
    """The whole request is refused in these words, and the journal knows nothing of it."""
    before = room.recorded()
    with pytest.raises(error, match=words):
        room.signer(now=now).sign_many(request)
    assert room.recorded() == before


def signed(room, request, *, now=NOON_UTC):
    """Return the tokens of a request that must be signed."""
    signatures = room.signer(now=now).sign_many(request)
    return [
        token_of_signed_bytes(item.to_be_signed, signature)
        for item, signature in zip(request.items, signatures, strict=True)
    ]


def test_what_three_people_confirmed_is_signed(room):
    request = a_request()

    tokens = signed(room, request)

    opened = [open_token(token, trust()) for token in tokens]
    assert opened == [statement_of_signed_bytes(item.to_be_signed) for item in request.items]
    assert room.recorded().count(b"\n") == 4
    assert signed(room, request) == tokens


def test_a_request_goes_over_the_wire_and_is_signed_the_same(room):
    request = a_request()

    assert signed(room, SigningRequest.from_value(request.to_value())) == signed(room, request)


def test_several_submissions_and_several_series_make_one_request(room):
    others = [replace(row, submission=OTHER_SUBMISSION, level=Level.JUNIOR) for row in some_rows()]
    junior = {"parts": tuple({**PARTS, "level": "1"}.items()), "level": Level.JUNIOR}
    items = [
        *a_request().items,
        *(an_item(row, 10 + row.row, place=1, number=number(row.row, level="1")) for row in others),
    ]
    why = [evidence(some_rows()), decided(others, submission=OTHER_SUBMISSION)]

    assert len(signed(room, SigningRequest(items, why, [an_opening(), an_opening(**junior)]))) == 6


def test_an_empty_request_gets_no_signature(room):
    assert room.signer().sign_many(SigningRequest([])) == []


def test_without_a_row_nothing_can_be_confirmed_and_nothing_is_asked(room):
    assert room.signer().sign_many(SigningRequest([], [evidence([])])) == []


# Decisions.


def by(step, *, confirmed=None, **changes):
    """Return a request whose decision of this step is otherwise."""
    confirmed = confirmed or some_rows()
    return a_request(confirmed, why=evidence(confirmed, **{step: a_decision(step, confirmed, **changes)}))


def with_decisions(*decisions):
    rows = some_rows()
    return a_request(rows, why=Evidence(decisions, (hashes(rows), None, None)))


def swapped(first, second):
    steps = list(Step)
    steps[first], steps[second] = steps[second], steps[first]
    return with_decisions(*(a_decision(step, some_rows()) for step in steps))


def altered(step):
    rows = some_rows()
    return a_request(rows, why=evidence(rows, **{step: last_bit_flipped(a_decision(step, rows))}))


ONE = a_decision(PROVINCE, some_rows())
DECISIONS = {
    "no decision of the office": (
        lambda: with_decisions(a_decision(PROVINCE, some_rows()), a_decision(CENTRE, some_rows()), b""),
        "the office's decision does not count",
    ),
    "three times the province's": (lambda: with_decisions(ONE, ONE, ONE), "the centre's decision is one of province"),
    "province and centre swapped": (lambda: swapped(0, 1), "the province's decision is one of centre"),
    "centre and office swapped": (lambda: swapped(1, 2), "the centre's decision is one of office"),
    "something else instead": (lambda: with_decisions(ONE, b"\x80", ONE), "the centre's decision does not count"),
    "an opening instead": (
        lambda: with_decisions(ONE, a_decision(CENTRE, some_rows()), an_opening()),
        "the office's decision does not count: the signature does not hold",
    ),
    "altered by the province": (lambda: altered(PROVINCE), "the province's .*: the signature does not hold"),
    "altered by the centre": (lambda: altered(CENTRE), "the centre's .*: the signature does not hold"),
    "altered by the office": (lambda: altered(OFFICE), "the office's .*: the signature does not hold"),
    "for another environment": (lambda: by(OFFICE, env="production"), "the signature does not hold"),
    "of another kind": (lambda: by(OFFICE, kind=Kind.SUBMISSION), "the signature does not hold"),
    "by a stranger's key": (lambda: by(OFFICE, key=STRANGER), f"unknown key id {STRANGER.key_id.hex()}"),
    "by a registrar": (lambda: by(OFFICE, key=REGISTRAR), "no duty 'office': it does not stand in the roster"),
    "by the issuing key": (lambda: by(OFFICE, key=ISSUING), "unknown key id"),
    "by a reviewer of another step": (
        lambda: by(OFFICE, key=REVIEWERS[CENTRE]),
        "no duty 'office': it does not stand in the roster with this duty",
    ),
    "by a reviewer of another province": (
        lambda: by(PROVINCE, key=ELSEWHERE),
        "no duty 'province': not in CN-21",
    ),
    "in another province": (
        lambda: by(PROVINCE, jurisdiction="CN-33"),
        "no duty 'province': not in CN-33",
    ),
    "by another province, in its own": (
        lambda: by(PROVINCE, key=ELSEWHERE, jurisdiction="CN-33"),
        "entry 1: another province decided",
    ),
    "of the centre for a province": (lambda: by(CENTRE, jurisdiction="CN-21"), "no duty 'centre': not in CN-21"),
    "before its key's first day": (lambda: by(OFFICE, key=TOMORROWS), "it counts from 2026-11-21"),
    "after its key's last day": (lambda: by(OFFICE, key=YESTERDAYS), "to 2026-11-19"),
    "by a key that was revoked before": (lambda: by(OFFICE, key=REVOKED), "revoked at 2026-11-20T02:30:00Z"),
    "by a key that was revoked in that second": (
        lambda: by(OFFICE, key=REVOKED, decided_at=REVOKED_AT),
        "revoked at 2026-11-20T02:30:00Z",
    ),
    "of the future": (
        lambda: by(OFFICE, decided_at=NOON_UTC + 10 * MINUTE + SECOND),
        "the office's decision is of the future",
    ),
    "of the future, the first of them": (
        lambda: by(PROVINCE, decided_at=NOON_UTC + HOUR),
        "the province's decision is of the future",
    ),
    "by one key twice": (
        lambda: with_decisions(
            a_decision(PROVINCE, some_rows(), key=BOTH),
            a_decision(CENTRE, some_rows(), key=BOTH),
            a_decision(OFFICE, some_rows()),
        ),
        "the centre's decision is by somebody who decided before",
    ),
    "by two keys of one person": (
        lambda: by(CENTRE, key=TWIN),
        "the centre's decision is by somebody who decided before",
    ),
    "about two submissions": (
        lambda: by(CENTRE, submission=OTHER_SUBMISSION),
        "the decisions are about different submissions",
    ),
    "about two submissions, at the end": (
        lambda: by(OFFICE, submission=OTHER_SUBMISSION),
        "the decisions are about different submissions",
    ),
    "over other rows": (
        lambda: by(OFFICE, rows_digest=merkle.tree_hash([a_row(9).to_bytes()])),
        "the office's decision is over other rows",
    ),
    "over as many rows as it does not say": (
        lambda: by(CENTRE, rows=2**20),
        "the centre's decision is over other rows",
    ),
    "over no rows": (
        lambda: by(PROVINCE, rows=0, rows_digest=sha256(b"").digest()),
        "the province's decision is over other rows",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("cheat", "words"), DECISIONS.values(), ids=DECISIONS.keys())
def test_three_decisions_must_count(room, cheat, words):
    refused(room, cheat(), words)


@pytest.mark.parametrize(
    ("key", "at"), [(REVOKED, REVOKED_AT - SECOND), (YESTERDAYS, NOON_UTC - DAY), (TOMORROWS, NOON_UTC + DAY)]
)
def test_what_a_key_decided_while_it_counted_counts_for_ever(room, key, at):
    request = by(OFFICE, confirmed=some_rows(issued_on=THAT_DAY), key=key, decided_at=at)

    assert len(signed(room, request, now=NOON_UTC + 300 * DAY)) == 3


def test_centre_and_office_decide_for_the_whole_country_whatever_the_roster_says(room):
    for step in (CENTRE, OFFICE):
        known = roster(held(REVIEWERS[step], 2 if step is CENTRE else 3, Duty(step), "CN-21"))
        with pytest.raises(EvidenceRefused, match=f"the {step} decides for CN, not for CN-21"):
            room.signer(known=known).sign_many(by(step, jurisdiction="CN-21"))


def test_an_entry_of_the_roster_that_is_gone_counts_no_longer(room):
    known = replace(
        roster(), entries=tuple(entry for entry in roster().entries if entry.duty is not Duty.OFFICE)
    )

    with pytest.raises(EvidenceRefused, match="the office's decision does not count: unknown key id"):
        room.signer(known=known).sign_many(a_request())


def test_clocks_may_be_ten_minutes_apart(room):
    assert len(signed(room, by(OFFICE, decided_at=NOON_UTC + 10 * MINUTE))) == 3


# Rows.


def test_a_row_that_a_later_step_returned_is_refused_and_the_rest_is_signed(room):
    rows = some_rows()
    for sets in ((rows, rows[:2], rows[:2]), (rows, rows, rows[:2])):
        why = narrowed(*sets)

        refused(room, a_request(rows, why=why), "entry 3: its row is not confirmed")
        assert len(signed(room, a_request(rows[:2], why=why))) == 2


def test_a_row_that_only_a_later_step_has_is_not_confirmed(room):
    rows = some_rows()

    for sets in ((rows[:2], rows, rows), (rows, rows[:2], rows)):
        refused(room, a_request(rows, why=narrowed(*sets)), "entry 3: its row is not confirmed")


def leaves(*joined):
    why = evidence(some_rows())
    return a_request(why=replace(why, leaves=joined))


ALL = hashes(some_rows())
LEAVES = {
    "a hash less": (lambda: leaves(ALL[:-32], None, None), "the province's decision is over other rows"),
    "a hash more": (lambda: leaves(ALL + bytes(32), None, None), "the province's decision is over other rows"),
    "a hash twice": (lambda: leaves(ALL + ALL[-32:], None, None), "the province's decision is over other rows"),
    "in another order": (lambda: leaves(ALL[32:] + ALL[:32], None, None), "the province's decision is over other rows"),
    "none": (lambda: leaves(b"", None, None), "the province's decision is over other rows"),
    "other rows for the office": (lambda: leaves(ALL, None, ALL[:32]), "the office's decision is over other rows"),
    "nodes of the tree for its leaves": (
        lambda: leaves(merkle.root_of([ALL[:32], ALL[32:64]]) + ALL[64:], None, None),
        "the province's decision is over other rows",
    ),
    "the root for the one row": (
        lambda: leaves(merkle.root_of([ALL[:32], ALL[32:64], ALL[64:]]), None, None),
        "the province's decision is over other rows",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("cheat", "words"), LEAVES.values(), ids=LEAVES.keys())
def test_the_hashes_are_those_of_exactly_the_rows_that_were_decided(room, cheat, words):
    refused(room, cheat(), words)


CHANGED_ROWS = {
    "blinding": bytes(16),
    "row": 9,
    "issuer": "S0002",
    "site": "000002",
    "province": "33",
    "holder_name": "王五",
    "id_check": 7,
    "occupation": Occupation(1, 2021011),
    "direction": None,
    "level": Level.JUNIOR,
    "theory": 1000,
    "practice": 1000,
    "exam_ended_on": THAT_DAY,
    "issued_on": THAT_DAY,
    "corrects": 9,
    "submission": OTHER_SUBMISSION,
}


def test_every_field_of_a_row_has_its_wrong_value_here():
    assert CHANGED_ROWS.keys() == set(Row.__slots__) - {"passed"}


@pytest.mark.parametrize("field", CHANGED_ROWS)
def test_a_row_that_was_changed_after_the_decisions_is_not_confirmed(room, field):
    changed = replace(a_row(), **{field: CHANGED_ROWS[field]})
    items = [an_item(changed, 1), *a_request().items[1:]]

    refused(room, a_request(items=items), "entry 1: its row is not confirmed")


def test_scores_that_were_raised_after_the_decisions_do_not_pass(room):
    failed, raised = a_row(theory=599, passed=False), a_row()
    rows = [failed, *some_rows()[1:]]

    refused(room, a_request(rows, items=[an_item(raised, 1)]), "entry 1: its row is not confirmed")
    refused(room, a_request(rows, items=[an_item(failed, 1)]), "entry 1: its result is not passed")


def test_a_row_of_another_submission_is_not_confirmed(room):
    strange = a_row(2, submission=OTHER_SUBMISSION)
    rows = [a_row(1), strange]

    refused(room, a_request(rows), "entry 2: its row is not confirmed")


def test_a_row_is_confirmed_by_its_own_submissions_evidence_alone(room):
    other = a_row(2, submission=OTHER_SUBMISSION)
    why = [evidence([a_row(1)]), decided([other], submission=OTHER_SUBMISSION)]
    items = [an_item(a_row(1), place=1), an_item(other, place=0)]

    refused(room, SigningRequest(items, why, [an_opening()]), "entry 1: its row is not confirmed")


def test_bytes_that_are_no_row_are_no_row(room):
    for data in (b"", b"\x80", a_row().to_bytes() + b"\x00"):
        items = [Item(to_be_signed(a_row(), 1), 0, data)]
        refused(room, a_request(items=items), "entry 1: its row is none")


# Statements.

STATEMENTS = {
    "another name": ({"holder_name": "王五"}, "the bytes do not say what was confirmed"),
    "another spelling": ({"holder_name": "张一 "}, "the bytes do not say what was confirmed"),
    "another id check": ({"id_check": 102}, "the bytes do not say what was confirmed"),
    "another occupation": ({"occupation": Occupation(2, 2021012)}, "the bytes do not say what was confirmed"),
    "another edition": ({"occupation": Occupation(1, 2021011)}, "the bytes do not say what was confirmed"),
    "another direction": ({"direction": 4}, "the bytes do not say what was confirmed"),
    "no direction": ({"direction": None}, "the bytes do not say what was confirmed"),
    "another level": ({"level": Level.INTERMEDIATE}, "the bytes do not say what was confirmed"),
    "a level of its number, not of the row": (
        {"level": Level.JUNIOR, "number": number(1, level="1")},
        "the bytes do not say what was confirmed",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "words"), STATEMENTS.values(), ids=STATEMENTS.keys())
def test_the_bytes_say_what_the_row_says(room, changes, words):
    items = [an_item(a_row(1), **changes), *a_request().items[1:]]

    refused(room, a_request(items=items), f"entry 1: {words}")


# Midnight in China.
MIDNIGHT = NOON_UTC - 12 * HOUR
DATES = [
    # decided by the office at, asked at, date, whether it may be signed
    (NOON_UTC - HOUR, NOON_UTC, THAT_DAY, True),
    (NOON_UTC - HOUR, NOON_UTC, THAT_DAY - DAY, False),
    (NOON_UTC - HOUR, NOON_UTC, THAT_DAY + DAY, False),
    (MIDNIGHT + 10 * MINUTE - SECOND, NOON_UTC, THAT_DAY - DAY, True),
    (MIDNIGHT + 10 * MINUTE, NOON_UTC, THAT_DAY - DAY, False),
    (NOON_UTC, MIDNIGHT + DAY - 10 * MINUTE - SECOND, THAT_DAY + DAY, False),
    (NOON_UTC, MIDNIGHT + DAY - 10 * MINUTE, THAT_DAY + DAY, True),
    (NOON_UTC - HOUR, NOON_UTC + 30 * DAY, THAT_DAY + 30 * DAY, True),
    (NOON_UTC - HOUR, NOON_UTC + 30 * DAY, THAT_DAY + 31 * DAY, False),
    (NOON_UTC - HOUR, NOON_UTC + 30 * DAY, THAT_DAY - DAY, False),
]


@pytest.mark.parametrize(("decided_at", "now", "issued_on", "lawful"), DATES, ids=str)
def test_a_date_that_nobody_confirmed_lies_between_the_last_decision_and_today(
    room, decided_at, now, issued_on, lawful
):
    rows = some_rows()
    offices = a_decision(OFFICE, rows, decided_at=decided_at)
    earlier = {
        step: a_decision(step, rows, decided_at=min(decided_at, NOON_UTC - 3 * HOUR))
        for step in (PROVINCE, CENTRE)
    }
    why = evidence(rows, **earlier, office=offices)
    request = a_request(rows, why=why, items=[an_item(row, issued_on=issued_on) for row in rows])

    if lawful:
        assert len(signed(room, request, now=now)) == 3
    else:
        refused(room, request, "entry 1: its date is not between", now=now)


@pytest.mark.parametrize("chosen", [THAT_DAY - 10 * DAY, THAT_DAY, THAT_DAY + 10 * DAY], ids=str)
def test_a_date_that_was_confirmed_is_the_only_one(room, chosen):
    rows = some_rows(issued_on=chosen)

    for wrong in (chosen - DAY, chosen + DAY):
        items = [an_item(row, issued_on=wrong) for row in rows]
        refused(room, a_request(rows, items=items), "its date is not the one that was confirmed")
    assert len(signed(room, a_request(rows))) == 3


def test_no_date_is_after_the_keys_last_day(room):
    rows = some_rows(issued_on=LAST_ON + DAY)
    with pytest.raises(SigningRefused, match="after the key's last day"):
        room.signer().sign_many(a_request(rows))


# Numbers and series.


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
    "opened by a reviewer": (
        lambda: opened(key=REVIEWERS[OFFICE]),
        "the opening of a series does not count: .* no duty 'series'",
    ),
    "opened by a stranger": (lambda: opened(key=STRANGER), "the opening of a series does not count: unknown key id"),
    "opened by the issuing key": (lambda: opened(key=ISSUING), "does not count: unknown key id"),
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
        lambda: a_request(openings=[a_decision(OFFICE, some_rows())]),
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
        "the opening of a series does not count: unknown key id",
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


# Corrections.


@pytest.fixture
def first(room):
    """The bytes of entry 1, which was signed."""
    signed(room, a_request())
    return to_be_signed(a_row(1), 1)


def correcting(entry=10, *, corrects=1, before=1, corrected=None, row=None, **changes):
    """Return a request to correct an entry, as whoever found a wrong name would make it."""
    row = row or a_row(20, submission=OTHER_SUBMISSION, corrects=corrects)
    item = an_item(row, entry, corrected=corrected, **{"number": number(before), **changes})
    return SigningRequest([item], [decided([row], submission=OTHER_SUBMISSION)])


def test_a_confirmed_correction_gets_the_number_and_needs_no_opening(room, first):
    (token,) = signed(room, correcting(corrected=first))

    corrected = open_token(token, trust())
    assert corrected.number == statement_of_signed_bytes(first).number
    assert corrected.holder_name == a_row(20).holder_name


def test_a_correction_is_corrected_once_more_and_the_first_never_again(room, first):
    second = correcting(corrected=first)
    signed(room, second)
    bytes_ = second.items[0].to_be_signed

    refused(room, correcting(11, corrected=first), "entry 11 can not correct entry 1", error=WrongCorrection)
    assert len(signed(room, correcting(11, corrects=10, corrected=bytes_))) == 1


def test_a_correction_of_something_that_is_signed_later_in_the_same_request_waits_for_it(room):
    rows, request = some_rows(), a_request()
    correction = correcting(corrected=to_be_signed(rows[0], 1))
    item = replace(correction.items[0], evidence=1)
    together = SigningRequest(
        [*request.items, item], [*request.evidence, *correction.evidence], request.openings
    )

    refused(room, together, "entry 10: what it corrects was never signed")
    signed(room, request)
    assert len(signed(room, together)) == 4


def other_body(first):
    row = a_row(20, submission=OTHER_SUBMISSION, corrects=1, issuer="S0002", site="000002")
    return correcting(corrected=first, row=row)


CORRECTIONS = {
    "without what it corrects": (
        lambda first: correcting(),
        "a correction without what it corrects, or the reverse",
    ),
    "of a row that corrects nothing": (
        lambda first: correcting(corrects=None, corrected=first),
        "a correction without what it corrects, or the reverse",
    ),
    "of what was never signed": (
        lambda first: correcting(corrects=9, before=9, corrected=to_be_signed(a_row(9), 9)),
        "what it corrects was never signed",
    ),
    "of other bytes than were signed": (
        lambda first: correcting(corrected=to_be_signed(a_row(1), 1, holder_name="王五")),
        "what it corrects was never signed",
    ),
    "of no certificate": (lambda first: correcting(corrected=b"\x80"), "what it corrects is no certificate"),
    "of nothing at all": (lambda first: correcting(corrected=b""), "what it corrects is no certificate"),
    "of a token": (
        lambda first: correcting(corrected=token_of_signed_bytes(first, bytes(64))),
        "what it corrects is no certificate",
    ),
    "of another entry than its row says": (
        lambda first: correcting(corrects=2, corrected=first),
        "its row corrects another entry",
    ),
    "under another number": (
        lambda first: correcting(corrected=first, number=number(10)),
        "number, level and date stay",
    ),
    "under the number of another certificate": (
        lambda first: correcting(corrected=first, number=number(2)),
        "number, level and date stay",
    ),
    "with another level": (
        lambda first: correcting(
            corrected=first, row=a_row(20, submission=OTHER_SUBMISSION, corrects=1, level=Level.JUNIOR)
        ),
        "number, level and date stay",
    ),
    "with another date": (
        lambda first: correcting(corrected=first, issued_on=THAT_DAY - DAY),
        "number, level and date stay",
    ),
    "with the date that its row says": (
        lambda first: correcting(
            corrected=first, row=a_row(20, submission=OTHER_SUBMISSION, corrects=1, issued_on=THAT_DAY - DAY)
        ),
        "number, level and date stay",
    ),
    "of another body's certificate": (other_body, "its number is another body's"),
    "with another name than its row says": (
        lambda first: correcting(corrected=first, holder_name="王五"),
        "the bytes do not say what was confirmed",
    ),
    "of a row that failed": (
        lambda first: correcting(
            corrected=first, row=a_row(20, submission=OTHER_SUBMISSION, corrects=1, theory=0, passed=False)
        ),
        "its result is not passed",
    ),
    "of itself": (
        lambda first: correcting(1, corrected=first, before=1),
        "entry 1 was signed before with other bytes",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("cheat", "words"), CORRECTIONS.values(), ids=CORRECTIONS.keys())
def test_a_correction_names_the_entry_that_its_row_corrects(room, first, cheat, words):
    error = OtherContentForEntry if "signed before" in words else EvidenceRefused
    refused(room, cheat(first), words, error=error)


def test_a_correction_comes_after_what_it_corrects(room):
    rows = some_rows()
    signed(room, a_request(rows, items=[an_item(rows[0], 50, number=number(1))]))
    before = to_be_signed(rows[0], 50, number=number(1))

    request = correcting(7, corrects=50, corrected=before)

    refused(room, request, "entry 7 can not correct entry 50", error=WrongCorrection)


def test_a_correction_repeats_without_evidence_after_it_was_signed(room, first):
    request = correcting(corrected=first)
    tokens = signed(room, request)

    assert signed(room, repeats([request.items[0].to_be_signed])) == tokens


# Repeats, and what the journal forbids whatever the evidence says.


def test_what_was_signed_is_signed_again_without_evidence(room):
    tokens = signed(room, a_request())
    asked = [item.to_be_signed for item in a_request().items]

    assert signed(room, repeats(asked)) == tokens
    assert signed(room, repeats(asked), now=NOON_UTC + 3000 * DAY) == tokens


def test_what_was_never_signed_is_not_signed_without_evidence(room):
    rows = some_rows()
    signed(room, a_request(rows, items=[an_item(rows[0])]))

    refused(
        room,
        repeats([to_be_signed(row, row.row) for row in rows]),
        "entry 2: no evidence comes with it, and it was not signed before",
    )


def test_a_repeat_goes_together_with_what_is_new(room):
    rows = some_rows()
    (token,) = signed(room, a_request(rows, items=[an_item(rows[0])]))
    mixed = a_request(rows, items=[Item(to_be_signed(rows[0], 1)), an_item(rows[1]), an_item(rows[2])])

    assert signed(room, mixed)[0] == token


def test_an_entry_gets_no_other_content_whatever_the_evidence_says(room, first):
    other = an_item(a_row(2), 1, number=number(9))

    refused(
        room,
        a_request(items=[an_item(a_row(3)), other]),
        "entry 1 was signed before with other bytes",
        error=OtherContentForEntry,
    )


def test_a_number_gets_no_second_entry_whatever_the_evidence_says(room, first):
    second = an_item(a_row(2), 9, number=number(1))

    refused(room, a_request(items=[second]), "its number was signed before, as entry 1", error=NumberTaken)


def test_a_number_or_an_entry_twice_in_one_request_is_refused(room):
    twice = a_request(items=[an_item(a_row(1), 1), an_item(a_row(2), 2, number=number(1))])
    refused(room, twice, "entry 2: its number was signed before, as entry 1", error=NumberTaken)

    again = a_request(items=[an_item(a_row(1), 1), an_item(a_row(2), 1, number=number(2))])
    refused(room, again, "entry 1 was signed before with other bytes", error=OtherContentForEntry)


# The request itself.

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
