"""What the signer finds proved: an honest request is signed, each way to cheat is refused whole and leaves no trace."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from keys.errors import EvidenceRefused, SigningRefused
from keys.signer.request import Evidence, Item, SigningRequest
from signing import merkle
from signing.cose import Kind
from signing.evidence import Step
from signing.roster import Duty
from signing.row import FIRST_VERSION, VERSION, Row
from signing.signed_bytes import statement_of_signed_bytes
from signing.statement import Level, Occupation
from signing.token import open_token
from tests.instants import NOON_UTC, THAT_DAY
from tests.keys.signer.evidence_world import (
    BOTH,
    DAY,
    ELSEWHERE,
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
    refused,
    roster,
    signed,
    some_rows,
    to_be_signed,
    trust,
    unknown,
)
from tests.vectors.variants import last_bit_flipped

PROVINCE, CENTRE, OFFICE = Step
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


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
    "by a stranger's key": (lambda: by(OFFICE, key=STRANGER), unknown(STRANGER)),
    "by a registrar": (lambda: by(OFFICE, key=REGISTRAR), "no duty 'office': it does not stand in the roster"),
    "by the issuing key": (lambda: by(OFFICE, key=ISSUING), unknown(ISSUING)),
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
        "the office's decision does not count: it is of the future",
    ),
    "of the future, the first of them": (
        lambda: by(PROVINCE, decided_at=NOON_UTC + HOUR),
        "the province's decision does not count: it is of the future",
    ),
    "of the end of time": (
        lambda: by(OFFICE, decided_at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        "the office's decision does not count: it is of the future",
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

    with pytest.raises(EvidenceRefused, match=unknown(REVIEWERS[OFFICE])):
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


def node(left, right):
    """Return the node above two hashes of a tree (RFC 6962 2.1)."""
    return sha256(b"\x01" + left + right).digest()


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
        lambda: leaves(node(ALL[:32], ALL[32:64]) + ALL[64:], None, None),
        "the province's decision is over other rows",
    ),
    "the root for the one row": (
        lambda: leaves(merkle.tree_hash([row.to_bytes() for row in some_rows()]), None, None),
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
    "photo": bytes(32),
}


def test_every_field_of_a_row_has_its_wrong_value_here():
    assert CHANGED_ROWS.keys() == set(Row.__slots__) - {"passed", "version"}


@pytest.mark.parametrize("field", CHANGED_ROWS)
def test_a_row_that_was_changed_after_the_decisions_is_not_confirmed(room, field):
    changed = replace(a_row(), **{field: CHANGED_ROWS[field]})
    items = [an_item(changed, 1), *a_request().items[1:]]

    refused(room, a_request(items=items), "entry 1: its row is not confirmed")


def test_rows_of_version_1_that_three_people_confirmed_are_signed_as_ever(room):
    assert len(signed(room, a_request(some_rows(version=FIRST_VERSION, photo=None)))) == 3


@pytest.mark.parametrize("confirmed_in", [FIRST_VERSION, VERSION])
def test_a_row_in_another_version_than_the_confirmed_one_is_not_confirmed(room, confirmed_in):
    rows = some_rows(version=confirmed_in, photo=None)
    other = replace(rows[0], version=FIRST_VERSION + VERSION - confirmed_in)

    refused(room, a_request(rows, items=[an_item(other)]), "entry 1: its row is not confirmed")


def test_a_photo_taken_from_a_confirmed_row_leaves_it_unconfirmed_in_either_version(room):
    for bare in (a_row(photo=None), a_row(version=FIRST_VERSION, photo=None)):
        refused(room, a_request(items=[an_item(bare)]), "entry 1: its row is not confirmed")


def test_who_was_absent_gets_no_certificate(room):
    absent = a_row(theory=None, passed=False)

    refused(room, a_request([absent]), "entry 1: its result is not passed")


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
