import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import IntegrityError

from registry.database.engine import ACCESS, Access, Limits, open_engine, require_sound_sqlite
from registry.database.errors import FaultySqlite, RegisterMissing, UnknownDatabase

PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


@pytest.fixture
def sqlite(sqlite_register):
    engine = sqlite_register()
    yield engine
    engine.dispose()


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 1), (3, 51, 2)])
def test_an_sqlite_that_can_corrupt_the_register_is_refused(version):
    with pytest.raises(FaultySqlite, match=r'3\.51\.3 or newer is needed.*pip install "pysqlite3>=0\.6\.1"'):
        require_sound_sqlite(version)


@pytest.mark.parametrize("version", [(3, 51, 3), (3, 53, 4), (4, 0, 0)])
def test_a_repaired_sqlite_is_taken(version):
    require_sound_sqlite(version)


def test_the_faulty_library_is_refused_before_a_file_is_made(tmp_path, monkeypatch):
    monkeypatch.setattr("pysqlite3.dbapi2.sqlite_version_info", (3, 40, 1))

    with pytest.raises(FaultySqlite):
        open_engine(f"sqlite:///{tmp_path}/new/register.sqlite3", create=True)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("pragma", "value"), PRAGMAS.items(), ids=PRAGMAS.keys())
def test_every_connection_has_its_pragmas(sqlite, pragma, value):
    readers = sqlite.execution_options(**{ACCESS: Access.READ})
    connections = [readers.connect() for _ in range(3)]
    found = [connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() for connection in connections]
    for connection in connections:
        connection.close()

    assert found == [value] * 3


def test_references_are_enforced(engine):
    orphan = text("INSERT INTO returned_row (decision_id, \"row\", reason) VALUES (:id, 1, '')")

    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(orphan, {"id": "12345678123442348234123456789abc"})


def test_a_register_that_is_not_there_is_not_made_by_the_way(tmp_path):
    with pytest.raises(RegisterMissing, match="certreg init"):
        open_engine(f"sqlite:///{tmp_path}/mistyped.sqlite3")

    assert list(tmp_path.iterdir()) == []


def test_a_register_is_made_when_asked_for(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path}/new/register.sqlite3", create=True)
    engine.connect().close()
    engine.dispose()

    assert (tmp_path / "new" / "register.sqlite3").is_file()


WRONG_ADDRESSES = [
    "sqlite://",
    "sqlite:///:memory:",
    "mysql://u:secret@h/n",
    "postgresql+psycopg2://u:secret@h/n",
]


@pytest.mark.parametrize("address", [*WRONG_ADDRESSES, "secret", ""])
def test_another_database_is_refused_without_repeating_a_password(address):
    with pytest.raises(UnknownDatabase) as refused:
        open_engine(address)

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_through_psycopg(scheme):
    engine = open_engine(f"{scheme}://user:secret@host/name")

    assert engine.url.drivername == "postgresql+psycopg"
    assert "secret" not in repr(engine)


def test_postgresql_connections_carry_their_limits(postgresql_register):
    address = postgresql_register().url.update_query_dict({"options": "-c work_mem=8MB"})
    engine = open_engine(
        address, limits=Limits(lock_seconds=1.5, statement_seconds=2, idle_in_transaction_seconds=3)
    )
    names = ["lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout", "work_mem"]

    with engine.connect() as connection:
        shown = {name: connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names}
        isolation = connection.exec_driver_sql("SHOW transaction_isolation").scalar_one()
    engine.dispose()

    assert list(shown.values()) == ["1500ms", "2s", "3s", "8MB"]
    assert isolation == "read committed"


def test_an_address_may_be_text_or_a_value(tmp_path):
    address = make_url(f"sqlite:///{tmp_path}/register.sqlite3")

    assert open_engine(address, create=True).url == open_engine(str(address), create=True).url
