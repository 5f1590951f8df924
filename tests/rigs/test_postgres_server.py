"""The server dies whole, comes back, and keeps what it had said it kept."""

import psycopg
import pytest
from sqlalchemy import create_engine, text

from registry.database import migrate
from tests.rigs.postgres_server import PostgresServer, has_ended


def test_what_was_committed_survives_the_death_of_all_processes():
    with PostgresServer.started() as server:
        url = server.create_database("register")
        engine = create_engine(url)
        for given in range(3):
            with engine.begin() as connection:
                connection.execute(text("CREATE TABLE IF NOT EXISTS act (id integer)"))
                connection.execute(text("INSERT INTO act VALUES (:given)"), {"given": given})
            engine.dispose()
            server.kill()
            server.start()
        with engine.connect() as connection:
            assert connection.execute(text("SELECT id FROM act ORDER BY id")).scalars().all() == [0, 1, 2]
            assert connection.execute(text("SHOW fsync")).scalar_one() == "on"
        engine.dispose()


def test_no_backend_outlives_its_server():
    with PostgresServer.started(durable=False) as server:
        address = server.url.set(drivername="postgresql").render_as_string()
        with psycopg.connect(address) as connection:
            backend = connection.info.backend_pid
            server.kill()
            with pytest.raises(psycopg.OperationalError):
                connection.execute("SELECT 1")

        assert has_ended(backend)


def test_a_register_can_stand_on_it():
    with PostgresServer.started(durable=False) as server:
        url = server.create_database("register")
        migrate.upgrade(url)

        assert "entry_counter" in migrate.tables_in(url)
