"""The schema that the migrations make, on both databases."""

import shutil

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from registry.database import migrate
from registry.database.engine import open_engine
from registry.database.errors import MigrationsMissing, NotReached, SchemaMismatch
from registry.database.schema import metadata
from registry.people.tables import Account, Appointment
from tests.instants import NOON


def tables(engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_the_migrations_make_what_the_rooms_declare(engine):
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata())

    assert differences == []


def shape(engine) -> dict[str, object]:
    """Everything that the database itself tells about its tables, but for their order."""
    tables = inspect(engine)

    def told(answers) -> list[str]:
        return sorted(repr(sorted((key, str(value)) for key, value in answer.items())) for answer in answers)

    return {
        name: {
            "columns": told(tables.get_columns(name)),
            "primary key": str(tables.get_pk_constraint(name)),
            "references": told(tables.get_foreign_keys(name)),
            "unique": told(tables.get_unique_constraints(name)),
            "checks": told(tables.get_check_constraints(name)),
            "indexes": told(tables.get_indexes(name)),
        }
        for name in tables.get_table_names()
        if name != "alembic_version"
    }


def test_the_database_can_not_tell_them_from_the_declared_tables(engine):
    # alembic's comparison above overlooks primary keys and checks.
    migrated = shape(engine)
    migrate.downgrade(engine, revision="base")
    metadata().create_all(engine)

    assert shape(engine) == migrated


def test_every_room_is_found():
    assert {"account", "submission", "signed_decision", "certificate", "event"} <= set(metadata().tables)


def test_every_constraint_has_a_name():
    nameless = [
        table.name
        for table in metadata().tables.values()
        for constraint in table.constraints
        if not constraint.name
    ]

    assert nameless == []


def test_all_the_way_down_and_up_again(engine):
    before = tables(engine)

    migrate.downgrade(engine, revision="base")
    assert tables(engine) == set()

    migrate.upgrade(engine)
    assert tables(engine) == before


def test_an_upgrade_of_a_current_register_changes_nothing(engine, sessions):
    sessions.run(lambda session: session.add(Account(name="张三", created_at=NOON)))

    migrate.upgrade(engine)

    assert sessions.read(lambda session: session.query(Account).count()) == 1


def test_a_new_register_is_made_at_an_address(tmp_path):
    address = f"sqlite:///{tmp_path}/new/register.sqlite3"

    migrate.upgrade(address)

    engine = open_engine(address)
    migrate.require_current(engine)
    engine.dispose()


def test_the_current_shape_is_let_through(engine):
    migrate.require_current(engine)


def test_another_shape_is_refused(engine):
    migrate.downgrade(engine, revision="base")

    with pytest.raises(SchemaMismatch, match="certreg init"):
        migrate.require_current(engine)


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path):
    (tmp_path / "register.sqlite3").write_text("certainly no database\n" * 100)
    address = f"sqlite:///{tmp_path}/register.sqlite3"

    with pytest.raises(NotReached, match="not a database"):
        migrate.upgrade(address)
    with pytest.raises(NotReached, match="not a database"):
        migrate.require_current(open_engine(address))


def test_a_server_that_does_not_answer_is_said_to_be_out_of_reach():
    with pytest.raises(NotReached):
        migrate.upgrade("postgresql://nobody@127.0.0.1:1/nothing")


def test_a_fault_of_a_migration_is_not_taken_for_a_server_out_of_reach(engine, later):
    directory = later("op.execute('SELECT nothing FROM nowhere')")

    with pytest.raises(DBAPIError, match="nowhere"):
        migrate.upgrade(engine.url, directory=directory)


def test_missing_migrations_are_named(engine, tmp_path):
    with pytest.raises(MigrationsMissing, match=str(tmp_path)):
        migrate.upgrade(engine, directory=tmp_path)


# Later migrations: what any of them can rely on

LATER = '''
"""A later migration."""

import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = "{head}"


def upgrade() -> None:
{body}
'''


@pytest.fixture
def later(tmp_path, engine):
    """Write a migration after the newest; return the directory to migrate from."""

    def write(*lines: str):
        directory = tmp_path / "migrations"
        shutil.copytree(migrate.MIGRATIONS_DIR, directory, ignore=shutil.ignore_patterns("__pycache__"))
        with engine.connect() as connection:
            head = MigrationContext.configure(connection).get_current_revision()
        body = "\n".join(f"    {line}" for line in lines)
        (directory / "versions" / "later.py").write_text(LATER.format(head=head, body=body), encoding="utf-8")
        return directory

    return write


@pytest.fixture
def an_appointment(sessions):
    def appoint(session) -> None:
        account = Account(name="张三", created_at=NOON)
        session.add(account)
        session.flush()
        session.add(Appointment(account_id=account.id, role="province", scope="CN-21", appointed_at=NOON))

    sessions.run(appoint)


def test_a_migration_that_fails_half_way_leaves_the_shape_it_found(engine, later):
    before = tables(engine)
    directory = later(
        "op.create_table('half', sa.Column('id', sa.Integer()))", "raise ValueError('on purpose')"
    )

    with pytest.raises(ValueError, match="on purpose"):
        migrate.upgrade(engine, directory=directory)

    assert tables(engine) == before
    migrate.require_current(engine)


def test_a_rebuilt_table_keeps_what_refers_to_it(engine, sessions, later, an_appointment):
    directory = later(
        "with op.batch_alter_table('account') as batch:",
        "    batch.alter_column('name', type_=sa.String(90), existing_nullable=False)",
        "    batch.add_column(sa.Column('remark', sa.Text(), nullable=True))",
    )

    migrate.upgrade(engine, directory=directory)

    joined = text("SELECT count(*) FROM appointment JOIN account ON account.id = appointment.account_id")
    assert sessions.read(lambda session: session.execute(joined).scalar_one()) == 1


def test_a_migration_that_breaks_a_reference_is_undone(engine, sessions, later, an_appointment):
    directory = later("op.execute('DELETE FROM account')")

    with pytest.raises(IntegrityError):
        migrate.upgrade(engine, directory=directory)

    assert sessions.read(lambda session: session.query(Account).count()) == 1


def test_references_are_enforced_again_after_a_migration(engine, sessions, later, an_appointment):
    migrate.upgrade(engine, directory=later("op.execute('SELECT 1')"))

    with pytest.raises(IntegrityError):
        sessions.run(lambda session: session.execute(text("DELETE FROM account")))


def test_the_tables_at_an_address_are_told(engine):
    assert "event" in migrate.tables_in(engine.url)


def test_what_can_not_be_opened_has_no_tables_and_its_password_is_not_told():
    with pytest.raises(NotReached) as refusal:
        migrate.tables_in("postgresql://clerk:geheim@127.0.0.1:1/certreg")

    assert "geheim" not in str(refusal.value)
