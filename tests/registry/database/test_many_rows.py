"""Many rows in one go: the same rows as one by one, on both databases, in one statement."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, StatementError

from registry.certificate.tables import Entry, EntryCounter, Epoch
from registry.database.many_rows import ManyRows
from registry.database.metadata import NaiveInstant
from tests.registry.statements import counted

NOON = datetime(2026, 11, 20, 12, 0, 0, 5, tzinfo=timezone(timedelta(hours=8)))
KEYS = [bytes((0, 39, 92, place)) for place in range(3)]
TEXTS = ["停止编号", "𬭸䶮 {1,2}", 'a "b" \\ c', "", "NULL", "a\nb\t'", None]

EPOCHS = ManyRows.inserting(Epoch, ("key_id", "first_entry", "last_entry", "last_on"), common=("opened_at",))
ENTRIES = ManyRows.inserting(
    Entry, ("entry", "key_id", "to_be_signed"), common=("status", "numbered_at", "changed_at")
)
COUNTERS = ManyRows.inserting(EntryCounter, ("id", "last", "held_because"))
TOKENS = ManyRows.updating(Entry, ("entry", "token"), common=("status", "changed_at"))


def run(sessions, what, rows, **common):
    sessions.run(lambda session: what.run(session.connection(), rows, **common))


def stored(sessions, *columns):
    return [
        tuple(row)
        for row in sessions.read(lambda session: session.execute(select(*columns).order_by(columns[0])).all())
    ]


@pytest.fixture
def entries(sessions):
    """Three entries, the epochs of their keys, and two entries of which nothing else is known."""
    epochs = [
        (key, 2**32 - 10 * place, 2**32 - 10 * place + 9, date(2027, 5, place))
        for place, key in enumerate(KEYS, 1)
    ]
    run(sessions, EPOCHS, epochs, opened_at=NOON)
    rows = [(entry, key, key * entry if entry > 1 else None) for entry, key in enumerate(KEYS, 1)]
    run(sessions, ENTRIES, rows, status="numbered", numbered_at=NOON, changed_at=NOON)
    lost = [(entry, KEYS[0], None) for entry in (7, 9)]
    run(sessions, ENTRIES, lost, status="lost", numbered_at=NOON, changed_at=NOON)
    return rows + lost, epochs


def test_inserted_rows_are_what_was_given_and_what_was_not_named_is_empty(sessions, entries):
    rows, epochs = entries
    columns = (
        Epoch.key_id,
        Epoch.first_entry,
        Epoch.last_entry,
        Epoch.last_on,
        Epoch.opened_at,
        Epoch.closed_at,
    )

    assert stored(sessions, *columns) == [(*epoch, NOON.astimezone(UTC), None) for epoch in epochs]
    assert stored(sessions, Entry.entry, Entry.key_id, Entry.to_be_signed) == rows
    assert stored(sessions, Entry.entry, Entry.status, Entry.token, Entry.version) == [
        (entry, "numbered" if entry < 7 else "lost", None, None) for entry, *_ in rows
    ]


def test_texts_of_any_kind_come_back(sessions):
    rows = [(place, 0, text) for place, text in enumerate(TEXTS, 2)]
    run(sessions, COUNTERS, rows)

    assert stored(sessions, EntryCounter.id, EntryCounter.last, EntryCounter.held_because) == rows


def test_a_column_may_be_empty_in_all_rows(sessions):
    run(sessions, COUNTERS, [(2, 2**40, None), (3, -1, None)])

    assert stored(sessions, EntryCounter.id, EntryCounter.last, EntryCounter.held_because) == [
        (2, 2**40, None),
        (3, -1, None),
    ]


def test_updated_rows_are_the_named_ones_and_no_others(sessions, entries):
    later = NOON + timedelta(days=1)
    run(sessions, TOKENS, [(3, b"three"), (1, b"\\x00")], status="signed", changed_at=later)

    assert stored(sessions, Entry.entry, Entry.token, Entry.status, Entry.changed_at, Entry.numbered_at) == [
        (1, b"\\x00", "signed", later, NOON),
        (2, None, "numbered", NOON, NOON),
        (3, b"three", "signed", later, NOON),
        (7, None, "lost", NOON, NOON),
        (9, None, "lost", NOON, NOON),
    ]


def test_all_rows_take_one_statement_and_none_take_none(sessions, engine):
    with counted(engine) as many:
        sessions.run(
            lambda session: COUNTERS.run(session.connection(), [(place, 0, "") for place in range(2, 500)])
        )
    with counted(engine) as none:
        sessions.run(lambda session: COUNTERS.run(session.connection(), []))

    assert len([statement for statement in many if "entry_counter" in statement]) == 1
    assert [statement for statement in none if "entry_counter" in statement] == []


def test_one_row_that_may_not_be_keeps_all_out(sessions):
    with pytest.raises(IntegrityError):
        run(sessions, COUNTERS, [(2, 0, None), (3, 0, None), (2, 1, None)])

    assert stored(sessions, EntryCounter.id) == []


def test_a_naive_instant_is_refused(sessions):
    # On PostgreSQL it is SQLAlchemy that converts it, and that puts the refusal into one of its own.
    with pytest.raises((NaiveInstant, StatementError), match="no time zone"):
        run(sessions, EPOCHS, [(KEYS[0], 1, 2, date(2027, 1, 1))], opened_at=NOON.replace(tzinfo=None))

    assert stored(sessions, Epoch.key_id) == []


@pytest.mark.parametrize("rows", [[(2, 0)], [(2, 0, None), (3, 0)], [(2, 0, None, 1)]], ids=str)
def test_a_row_of_another_length_is_refused(sessions, rows):
    with pytest.raises(ValueError, match="zip"):
        run(sessions, COUNTERS, rows)

    assert stored(sessions, EntryCounter.id) == []
