"""Whoever changes rows of the database gets no certificate for it, and keeps nobody else waiting."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import insert, update

from keys.errors import NumberTaken
from keys.signer.request import Item, SigningRequest
from registry.assessment.tables import Result, Submission
from registry.certificate.errors import NotAsConfirmed
from registry.certificate.numbering import Scope
from registry.certificate.tables import Entry
from registry.people.tables import Appointment
from registry.review.errors import NotConfirmed
from registry.review.tables import SignedDecision
from signing.row import Row
from signing.signed_bytes import statement_of_signed_bytes
from signing.statement import Level
from signing.token import statement_to_be_signed
from tests.instants import NOON_UTC, THAT_DAY
from tests.registry.certificate.siege import HONEST_PEOPLE
from tests.registry.world import (
    BODY,
    ENVIRONMENT,
    OTHER_BODY,
    OTHER_PROVINCE,
    PROFILE,
    PROVINCE,
    SITES,
)

SCOPE = Scope(BODY, PROVINCE, SITES[BODY], 2026, Level.INTERMEDIATE)


# Rows that were changed after their approval.

RESULT_COLUMNS = {
    "holder_name": "王五", "id_check": 1, "edition": 2, "occupation": 2021012, "direction": 9, "level": 3,
    "theory": 1000, "practice": 1000, "issued_on": THAT_DAY, "corrects": 4, "blinding": bytes(16), "row": 99,
    "photo": bytes(32),
}  # fmt: skip
SUBMISSION_COLUMNS = {
    "issuer": OTHER_BODY, "site_code": "000009", "province": OTHER_PROVINCE, "exam_ended_on": THAT_DAY,
}  # fmt: skip
# What no certificate says: the honest one stays lawful, whatever was changed behind it.
UNSAID = {"theory", "practice", "issued_on", "corrects", "blinding", "row", "photo", *SUBMISSION_COLUMNS}


def test_every_field_of_evidence_has_its_wrong_value_here():
    columns = {*RESULT_COLUMNS, *SUBMISSION_COLUMNS, "passed", "submission", "version"} - {
        "site_code",
        "edition",
    } | {"site"}

    assert columns == set(Row.__slots__)


@pytest.mark.parametrize("column", [*RESULT_COLUMNS, *SUBMISSION_COLUMNS])
def test_a_row_that_was_changed_after_its_approval(world, siege, column):
    attacked, honest = world.numbered(), siege.honest()
    before, first = siege.dossier(attacked), world.entry(1)
    if column in RESULT_COLUMNS:
        change = update(Result).where(Result.id == first.result_id).values({column: RESULT_COLUMNS[column]})
    else:
        change = (
            update(Submission).where(Submission.id == attacked).values({column: SUBMISSION_COLUMNS[column]})
        )
    world.tamper(change)
    after = siege.dossier(attacked)
    bytes_ = first.to_be_signed
    if column not in UNSAID:
        number = statement_of_signed_bytes(bytes_).number
        bytes_ = siege.statement(after.results[first.result_id], 1, 1, number=number)
        world.tamper(update(Entry).where(Entry.entry == 1).values(to_be_signed=bytes_))

    outcome = siege.nobody_waits(honest, [attacked])

    assert {entry: type(why) for entry, why in outcome.refused.items()} == dict.fromkeys(
        (1, 2, 3), NotConfirmed
    )
    row = after.row(first.result_id)
    siege.refuses(after.request(bytes_, row), words="over other rows")
    siege.refuses(after.request(bytes_, row, leaves=before.leaves()), words="its row is not confirmed")
    if column not in UNSAID:
        siege.refuses(
            before.request(bytes_, before.row(first.result_id)), words="do not say what was confirmed"
        )


def test_a_failure_that_was_made_a_pass(world, siege):
    attacked, honest = world.reviewed(world.row(1, theory="59.9"), world.row(2)), siege.honest()
    before = siege.dossier(attacked)
    failed, _ = before.results.values()
    world.tamper(update(Result).where(Result.id == failed.id).values(theory=600, passed=True))

    outcome = siege.nobody_waits(honest, [attacked])

    assert {type(why) for why in outcome.unnumbered.values()} == {NotConfirmed}
    after, bytes_ = siege.dossier(attacked), siege.statement(failed, 500, 500)
    siege.refuses(after.request(bytes_, after.row(failed.id)), words="over other rows")
    siege.refuses(before.request(bytes_, after.row(failed.id)), words="its row is not confirmed")
    siege.refuses(before.request(bytes_, before.row(failed.id)), words="its result is not passed")


# The bytes to be signed.

UNCONFIRMED = "the bytes do not say what was confirmed"
CHANGED_BYTES = {
    "another name": ({"holder_name": "王五"}, UNCONFIRMED),
    "another id check": ({"id_check": 1}, UNCONFIRMED),
    "another direction": ({"direction": 9}, UNCONFIRMED),
    "another level": ({"level": Level.SENIOR}, UNCONFIRMED),
    "a date before the last decision": ({"issued_on": date(2026, 11, 1)}, "its date is not between"),
    "a date that has yet to come": ({"issued_on": date(2027, 5, 30)}, "its date is not between"),
    "a number of the profile without end": ({"number": bytes([PROFILE.code]) + b"\xff" * 10}, "in no series"),
    # Which serial and which entry were next, the register alone can tell; the signer sees that neither was used.
    "another serial": ({"number": PROFILE.packed("S000221000002262999999")}, None),
    "another entry": ({"entry": 77}, None),
}


@pytest.mark.parametrize(("changes", "words"), CHANGED_BYTES.values(), ids=CHANGED_BYTES.keys())
def test_bytes_that_were_changed_before_they_were_signed(world, siege, changes, words):
    attacked, honest = world.numbered(), siege.honest()
    statement = replace(statement_of_signed_bytes(world.entry(1).to_be_signed), **changes)
    (key_id,) = siege.signers
    forged = statement_to_be_signed(statement, key_id=key_id, environment=ENVIRONMENT)
    world.tamper(update(Entry).where(Entry.entry == 1).values(to_be_signed=forged))

    outcome = siege.nobody_waits(honest)

    assert {entry: type(why) for entry, why in outcome.refused.items()} == {1: NotAsConfirmed}
    assert siege.released(attacked) == 2
    if words is not None:
        own = siege.dossier(attacked)
        siege.refuses(own.request(forged, own.row(world.entry(1).result_id)), words=words)


# A second entry for a number.


def test_a_second_entry_for_a_number(world, siege):
    attacked, honest = world.numbered(), siege.honest()
    assert siege.run().refused == {}
    own, first = siege.dossier(attacked), world.entry(1)
    other = siege.invent(attacked)
    bytes_ = siege.statement(other, 900, 1)
    siege.write_entry(other, bytes_, certificate_id=first.certificate_id, version=2)

    outcome = siege.run()

    assert outcome.refused.keys() == {900}
    assert world.entry(1).status == "released"
    assert siege.released(honest) == HONEST_PEOPLE
    # With a row of somebody else that three people did confirm, it is the journal that knows better.
    confirmed = own.results[world.entry(2).result_id]
    again = siege.statement(confirmed, 900, 1)
    siege.refuses(
        own.request(again, own.row(confirmed.id)),
        words="was signed before, as entry 1",
        error=NumberTaken,
    )
    row = own.row(confirmed.id)
    corrected = SigningRequest([Item(again, 0, row, first.to_be_signed)], [own.evidence()], own.openings)
    siege.refuses(corrected, words="a correction without what it corrects, or the reverse")
    row = replace(Row.from_bytes(row), corrects=1).to_bytes()
    corrected = SigningRequest([Item(again, 0, row, first.to_be_signed)], [own.evidence()], own.openings)
    siege.refuses(corrected, words="its row is not confirmed")


# Rows that nobody can read, only to be in the way.


def with_an_unknown_step(world, submission):
    of = SignedDecision.submission_id == submission
    return update(SignedDecision).where(of, SignedDecision.step == "office").values(step="board")


def returned_nowhere(world, submission):
    return update(Result).where(Result.submission_id == submission).values(returned_at_step="board")


def of_an_unknown_level(world, submission):
    return update(Result).where(Result.submission_id == submission).values(level=9)


def by_a_reviewer_with_an_unknown_role(world, submission):
    account = world.account("somebody with a role besides")
    of = SignedDecision.submission_id == submission
    role = insert(Appointment).values(
        id=uuid4(), account_id=account.account_id, role="king", scope="CN", appointed_at=NOON_UTC
    )
    return role, update(SignedDecision).where(of, SignedDecision.step == "office").values(
        decided_by=account.account_id
    )


NOISE = [with_an_unknown_step, returned_nowhere, of_an_unknown_level, by_a_reviewer_with_an_unknown_role]


@pytest.mark.parametrize("numbered", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("noise", NOISE)
def test_rows_that_nobody_can_read_are_in_nobodys_way(world, siege, noise, numbered):
    attacked, honest = world.reviewed(), siege.honest()
    if numbered:
        world.number(attacked)
    written = noise(world, attacked)
    world.tamper(*(written if isinstance(written, tuple) else (written,)))

    siege.nobody_waits(honest, [] if noise is by_a_reviewer_with_an_unknown_role else [attacked])
