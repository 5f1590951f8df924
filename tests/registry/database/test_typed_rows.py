"""Rows with a value of another type than its column's come out by themselves, and the others as they are."""

import pytest
from sqlalchemy import JSON, bindparam, column, select, text

from registry.assessment.tables import Result
from registry.database.sessions import Sessions
from registry.database.typed_rows import OddRow, TypedQuery
from registry.people.tables import EnrolledKey
from tests.registry.statements import counted
from tests.registry.world import World

QUERY = TypedQuery(
    select(
        Result.id,
        Result.row,
        Result.holder_name,
        Result.passed,
        Result.issued_on,
        Result.blinding,
        (Result.row + bindparam("more")).label("later"),
    )
    .where(Result.row < bindparam("before"))
    .order_by(Result.row)
)
WANTED = {"more": 10, "before": 90}


@pytest.fixture
def sqlite_engine(sqlite_register):
    return sqlite_register()


@pytest.fixture
def planted(sqlite_engine, tmp_path, quick_id_checks):
    """A register with three rows, and a way to write into the second."""
    world = World(Sessions(sqlite_engine), tmp_path)
    world.submitted()

    def plant(assignment):
        world.tamper(text(f"UPDATE result SET {assignment} WHERE row = 2"))
        return world

    return plant


def test_sound_rows_are_what_the_query_returns_by_itself(world):
    world.submitted()

    rows = world.sessions.read(lambda session: QUERY.read(session, WANTED))
    alone = QUERY.read_alone(world.sessions, WANTED)
    plain = world.sessions.rows(QUERY.query, WANTED)

    assert [tuple(row) for row in rows] == [tuple(row) for row in alone] == [tuple(row) for row in plain]
    assert [row[-1] for row in rows] == [11, 12, 13]


@pytest.mark.parametrize(
    ("assignment", "odd"),
    [
        ("id = 'nobody'", "id"),
        ("id = x'00'", "id"),
        ("holder_name = x'e5bca0'", "holder_name"),
        ("holder_name = CAST(x'ff4e' AS TEXT)", "holder_name"),
        ("issued_on = 'garbage'", "issued_on"),
        ("issued_on = '2026-13-01'", "issued_on"),
        ("issued_on = 7", "issued_on"),
        ("issued_on = x'00'", "issued_on"),
        ("blinding = 'text'", "blinding"),
        ("blinding = 1000000000000000", "blinding"),
        ("blinding = -1.5", "blinding"),
    ],
)
def test_an_odd_row_is_told_by_its_column_and_the_others_are_whole(planted, assignment, odd):
    world = planted(assignment)

    rows = world.sessions.read(lambda session: QUERY.read(session, WANTED))

    first, second, third = rows
    assert [first[1], third[1]] == [1, 3]
    assert type(first[0]) is type(third[0])
    assert isinstance(second, OddRow)
    assert (second.column, second.values[1], second.values[-1]) == (odd, 2, 12)
    assert QUERY.read_alone(world.sessions, WANTED)[1] == second


def test_a_register_without_odd_rows_is_asked_once(sqlite_engine, planted):
    world = planted("row = 2")

    with counted(sqlite_engine) as statements:
        QUERY.read_alone(world.sessions, WANTED)

    assert sum(statement.startswith("SELECT") for statement in statements) == 1


def test_an_instant_is_read_as_one(world):
    query = TypedQuery(select(EnrolledKey.valid_from_on, EnrolledKey.revoked_at, EnrolledKey.public))

    rows = world.sessions.read(lambda session: query.read(session, {}))

    assert {row[1] for row in rows} == {None}


def test_a_column_of_an_unknown_form_is_refused_when_the_query_is_made():
    with pytest.raises(TypeError, match="JSON"):
        TypedQuery(select(column("details", JSON)))
