"""Values that read as they should and are stored otherwise: each is found, and named with its row and column."""

from random import Random

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.audit.finding import Kind
from registry.audit.stored_form import form_faults, form_of, spelling_faults
from registry.database.schema import evidence_tables
from tests.registry.audit.mutations import Mutator, Refused, otherwise
from tests.registry.audit.proving import SEED, careless, evidence_of, seen_in

COLUMNS = [(table, column) for table in evidence_tables() for column in table.columns]


def written_otherwise(audited, wanted):
    """Yield, for each other form of the first value of each of these columns, the change and an open session."""
    with careless(audited.engine) as connection:
        with connection.begin():
            mutator = Mutator(connection, Random(SEED))
        for table, column in wanted:
            row = next((row for row in mutator.rows[table] if row[column.name] is not None), None)
            for expression in otherwise(column, sqlite=mutator.sqlite) if row else ():
                with connection.begin() as transaction:
                    attempt = connection.begin_nested()
                    try:
                        mutator._write_raw(table, row, column, expression)
                    except (Refused, DBAPIError):
                        # It is its own other form (no letter to be written large), or the database refuses it.
                        attempt.rollback()
                    else:
                        yield f"{table.name}.{column.name} = {expression}", connection
                    transaction.rollback()


def faults_in(connection):
    """Return what the two questions find, by table and column."""
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        found = [*form_faults(session), *spelling_faults(session)]
    assert {finding.kind for finding in found} <= {Kind.FORM}
    return sorted({f"{finding.table}.{finding.what.split()[0]}" for finding in found})


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[str(column) for _, column in COLUMNS])
def test_every_column_of_the_evidence_has_its_form(table, column):
    assert inspect(form_of(column)).is_clause_element


def test_every_value_that_is_stored_otherwise_is_found_and_named(audited):
    tried = 0
    for what, connection in written_otherwise(audited, COLUMNS):
        tried += 1
        assert faults_in(connection) == [what.partition(" ")[0]], what

    assert tried > 300


@pytest.mark.parametrize("fresh_audited", ["postgresql"], indirect=True)
def test_on_postgresql_the_spelling_of_json_is_all_that_can_differ(fresh_audited):
    found = [
        (what.partition(" ")[0], faults_in(connection))
        for what, connection in written_otherwise(fresh_audited, COLUMNS)
    ]

    assert found == [("event.details", ["event.details"])] * len(found)
    assert found


@pytest.mark.parametrize("name", ["account", "submission"])
def test_an_id_that_is_stored_otherwise_does_not_keep_the_check_from_its_end(audited, name):
    table = next(table for table in evidence_tables() if table.name == name)
    evidence, tried = evidence_of(audited), 0
    for _, connection in written_otherwise(audited, [(table, table.columns["id"])]):
        tried += 1
        report = seen_in(connection, evidence, audited)
        assert Kind.FORM in {finding.kind for finding in report.findings}

    assert tried > 3


def test_a_key_of_any_octets_is_told_as_text(audited):
    statement = "UPDATE series SET key = CAST(X'41FF0A00' AS TEXT) WHERE rowid = 1"
    with careless(audited.engine) as connection, connection.begin() as transaction:
        connection.exec_driver_sql(statement)
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            rows = [finding.row for finding in form_faults(session)]
        transaction.rollback()

    assert rows == ["A\\xff\\x0a\\x00"]
