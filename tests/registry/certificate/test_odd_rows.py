"""SQLite keeps whatever it is given: a value of another type is refused by name, and keeps nobody else waiting."""

import pytest
from sqlalchemy import text

from registry.certificate.errors import NotAsConfirmed, TokenNotGenuine
from registry.database.sessions import Sessions
from registry.review.errors import NotConfirmed
from tests.registry.world import World

NO_UTF_8 = "CAST(x'ff4e' AS TEXT)"


@pytest.fixture
def sessions(sqlite_register) -> Sessions:
    """A register on SQLite alone: PostgreSQL holds its columns to their types."""
    return Sessions(sqlite_register())


def plant(world: World, table: str, column: str, value: str, where: str = "1") -> None:
    """Write something as it is spelled in SQL, whatever it breaks."""

    world.tamper(text(f"UPDATE {table} SET {column} = {value} WHERE {where}"))


def of(submission) -> str:
    return f"submission_id = '{submission.hex}'"


def itself(submission) -> str:
    return f"id = '{submission.hex}'"


APPROVED = {
    "a date of issue": ("result", "issued_on", "'garbage'", of),
    "a date of issue as a number": ("result", "issued_on", "20261120", of),
    "a name as octets": ("result", "holder_name", "x'e5bca0'", of),
    "a name that is no UTF-8": ("result", "holder_name", NO_UTF_8, of),
    "a score as a text": ("result", "theory", "'many'", of),
    "a level as a fraction": ("result", "level", "1.5", of),
    "octets as a text": ("result", "blinding", "'0123456789abcdef'", of),
    "octets as a number": ("result", "blinding", "1000000000000000", of),
    "an ID check as a text": ("result", "id_check", "'7x'", of),
    "an entry to correct as a text": ("result", "corrects", "'the first'", of),
    "a decision as a text": ("signed_decision", "signed", "'signed'", of),
    "a step as octets": ("signed_decision", "step", "CAST(step AS BLOB)", of),
    "a last day of the exam": ("submission", "exam_ended_on", "'garbage'", itself),
    "a site as octets": ("submission", "site_code", "x'30'", itself),
}


@pytest.mark.parametrize(("table", "column", "value", "whose"), APPROVED.values(), ids=APPROVED)
@pytest.mark.parametrize("numbered", [False, True], ids=["before numbering", "before signing"])
def test_a_submission_with_such_a_value_is_refused_and_keeps_nobody_waiting(
    world, siege, table, column, value, whose, numbered
):
    attacked = world.numbered() if numbered else world.reviewed()
    honest = siege.honest()
    plant(world, table, column, value, whose(attacked))

    outcome = siege.nobody_waits(honest, [attacked])

    refused = [*outcome.unnumbered.values(), *outcome.refused.values()]
    assert {type(why) for why in refused} <= {NotConfirmed, NotAsConfirmed}
    assert len(refused) == (3 if numbered else 1)


ENTRIES = {
    "octets as a text": ("entry", "to_be_signed", "'bytes'", "entry = 2", NotAsConfirmed),
    "no octets": ("entry", "to_be_signed", "NULL", "entry = 2", NotAsConfirmed),
    "an instant": ("entry", "numbered_at", "'garbage'", "entry = 2", NotAsConfirmed),
    "an instant as a number": ("entry", "numbered_at", "1.5", "entry = 2", NotAsConfirmed),
}


@pytest.mark.parametrize(("table", "column", "value", "where", "refusal"), ENTRIES.values(), ids=ENTRIES)
def test_one_entry_alone_is_refused_its_signature(world, siege, table, column, value, where, refusal):
    attacked, honest = world.numbered(), siege.honest()
    plant(world, table, column, value, where)

    outcome = siege.nobody_waits(honest)

    assert {entry: type(why) for entry, why in outcome.refused.items()} == {2: refusal}
    assert siege.released(attacked) == 2


def test_a_status_as_octets_is_no_status_and_in_nobodys_way(world, siege):
    attacked, honest = world.numbered(), siege.honest()
    plant(world, "entry", "status", "CAST(status AS BLOB)", "entry = 2")

    outcome = siege.nobody_waits(honest)

    assert (outcome.unnumbered, outcome.refused) == ({}, {})
    assert siege.released(attacked) == 2


@pytest.mark.parametrize("column", ["to_be_signed", "token"])
@pytest.mark.parametrize("value", ["'text'", "7", "1e300"])
def test_one_entry_alone_is_refused_its_release(world, siege, column, value):
    attacked = world.numbered()
    world.sign()
    plant(world, "entry", column, value, "entry = 2")

    outcome = siege.nobody_waits(siege.honest())

    assert {entry: type(why) for entry, why in outcome.refused.items()} == {2: TokenNotGenuine}
    assert siege.released(attacked) == 2


def test_an_id_that_is_none_is_in_nobodys_way(world, siege):
    attacked, honest = world.reviewed(), siege.honest()
    world.tamper(
        text("PRAGMA defer_foreign_keys = ON"),
        text(f"UPDATE result SET submission_id = 'nobody' WHERE {of(attacked)}"),
        text(f"UPDATE signed_decision SET submission_id = 'nobody' WHERE {of(attacked)}"),
        text(f"UPDATE submission SET id = 'nobody' WHERE {itself(attacked)}"),
    )

    assert siege.nobody_waits(honest).unnumbered == {}


def test_an_opening_as_a_text_opens_nothing_and_keeps_other_series_open(world, siege):
    attacked, honest = world.reviewed(), siege.honest()
    plant(world, "series", "opening", "'opened'", "key LIKE '%:S:0002:%'")

    outcome = siege.nobody_waits(honest, [attacked])

    assert "is not open" in str(outcome.unnumbered[attacked])


def test_the_bytes_of_a_corrected_certificate_as_a_text(world, siege):
    row = world.row(1)
    (number,) = world.issued(row)
    attacked = world.reviewed({**row, "name": "李肆", "corrects": number, "reason": "姓名有误"})
    honest = siege.honest()
    plant(world, "entry", "to_be_signed", "'text'", "entry = 1")

    outcome = siege.nobody_waits(honest, [attacked])

    assert "to_be_signed is not what the register stores there" in str(outcome.unnumbered[attacked])
