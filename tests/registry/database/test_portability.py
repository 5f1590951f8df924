"""The rule that keeps distributed relatives of PostgreSQL open: use nothing that they lack."""

import re
from pathlib import Path

import pytest

from registry.database.migrate import MIGRATIONS_DIR
from registry.database.schema import metadata

ROOT = MIGRATIONS_DIR.parent

FORBIDDEN = {
    "notifications": r"\b(UN)?LISTEN\s+\w|\bNOTIFY\s+\w|\bpg_notify\b",
    "advisory locks": r"\bpg_(try_)?advisory",
    "sequences": r"\bCREATE\s+SEQUENCE\b|\bnextval\s*\(|\bsa\.Sequence\(",
    "triggers": r"\bCREATE\s+(OR\s+REPLACE\s+)?(CONSTRAINT\s+)?TRIGGER\b",
    "stored procedures": r"\bCREATE\s+(OR\s+REPLACE\s+)?(FUNCTION|PROCEDURE)\b|\bplpgsql\b",
    "exclusion constraints": r"\bExcludeConstraint\b|\bEXCLUDE\s+USING\b",
    "types of one database": r"\bsqlalchemy\.dialects\b",
    "table locks": r"\bLOCK\s+TABLE\b",
}

SAMPLES = {
    "notifications": "LISTEN work",
    "advisory locks": "SELECT pg_try_advisory_xact_lock(1)",
    "sequences": "CREATE SEQUENCE numbers",
    "triggers": "create trigger t",
    "stored procedures": "CREATE OR REPLACE FUNCTION f()",
    "exclusion constraints": "EXCLUDE USING gist",
    "types of one database": "from sqlalchemy.dialects.postgresql import JSONB",
    "table locks": "LOCK TABLE series",
}


def sources() -> list[Path]:
    return [file for place in ("registry", "migrations") for file in sorted((ROOT / place).rglob("*.py"))]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_register_does_not_use(what):
    pattern = re.compile(FORBIDDEN[what], re.IGNORECASE)

    found = [str(file) for file in sources() if pattern.search(file.read_text(encoding="utf-8"))]

    assert found == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_it_would_be_noticed(what):
    assert re.search(FORBIDDEN[what], SAMPLES[what], re.IGNORECASE)


def test_no_column_is_filled_from_a_sequence_of_its_own():
    named = [
        str(column)
        for table in metadata().tables.values()
        for column in table.columns
        if column.default is not None and column.default.is_sequence
    ]

    assert named == []
