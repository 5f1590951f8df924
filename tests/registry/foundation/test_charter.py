"""A register keeps the environment and the secrets it was founded with."""

import pytest
from sqlalchemy import text

from registry.database.sessions import Sessions
from registry.foundation.charter import (
    check_value,
    is_same_secret,
    read_charter,
    require_environment,
    write_charter,
)
from registry.foundation.errors import CharterUnreadable, OtherEnvironment
from tests.instants import NOON

DATA_KEY, LOOKUP_KEY = b"d" * 32, b"l" * 32


def found(session):
    write_charter(
        session,
        environment="trial",
        data_key=DATA_KEY,
        lookup_key=LOOKUP_KEY,
        identity_recipient="age1recipient",
        now=NOON,
    )


@pytest.fixture
def charter(sessions):
    sessions.run(found)
    return sessions.read(read_charter)


def test_a_database_that_was_not_founded_has_no_charter(sessions):
    assert sessions.read(read_charter) is None


def test_it_remembers_the_environment(charter):
    require_environment(charter, "trial")
    with pytest.raises(OtherEnvironment, match="CERTREG_ENVIRONMENT=trial"):
        require_environment(charter, "production")


def test_a_database_without_charter_accepts_any_environment():
    require_environment(None, "production")


def test_it_knows_each_secret_again_and_no_other(charter):
    assert is_same_secret(charter.data_key_check, DATA_KEY)
    assert not is_same_secret(charter.data_key_check, LOOKUP_KEY)
    assert is_same_secret(charter.lookup_key_check, LOOKUP_KEY)


def test_a_check_value_is_not_the_secret():
    assert DATA_KEY[:16] != check_value(DATA_KEY)
    assert len(check_value(DATA_KEY)) == 16


# SQLite keeps in a column whatever it is given.
SPOILED = [
    ("founded_at", "'yesterday'"),
    ("founded_at", "20261120"),
    ("founded_at", "x'ff'"),
    ("data_key_check", "'text'"),
    ("lookup_key_check", "17"),
    ("environment", "x'ff00'"),
    ("environment", "CAST(x'ff00' AS TEXT)"),
    ("identity_recipient", "x'00'"),
]


@pytest.mark.parametrize(("column", "value"), SPOILED)
def test_a_charter_that_no_founding_wrote_is_refused(sqlite_register, column, value):
    sessions = Sessions(sqlite_register())
    sessions.run(found)
    sessions.run(lambda session: session.execute(text(f"UPDATE charter SET {column} = {value}")))

    with pytest.raises(CharterUnreadable, match="charter"):
        sessions.read(read_charter)
    sessions.close()
