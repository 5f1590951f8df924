"""Mutation after mutation of one world, each in a transaction that is undone, each followed by a full check."""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session

from registry.audit.check import check_database
from registry.audit.evidence import Evidence, open_evidence
from registry.audit.finding import Report
from registry.foundation.charter import read_charter
from tests.registry.audit.audited import Audited
from tests.registry.audit.mutations import Mutator

SEED = 20261120


def evidence_of(audited: Audited) -> Evidence:
    """Open what the world's rows are held against."""
    return open_evidence(audited.places, audited.world.sessions.read(read_charter))


@contextmanager
def careless(engine: Engine) -> Iterator[Connection]:
    """Give a connection that holds no foreign keys, as whoever writes into the file has none."""

    def prepare(connection, _record):
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")

    if engine.dialect.name == "postgresql":
        event.listen(engine, "connect", prepare)
    engine.dispose()
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        yield connection


def missed_mutations(
    audited: Audited, *, count: int, seed: int = SEED, only: frozenset[str] | None = None
) -> list[str]:
    """Return the mutations, of so many, that a check does not find, or does not name; ``only`` names tables."""
    evidence, missed = evidence_of(audited), []
    with careless(audited.engine) as connection:
        with connection.begin():
            mutator = Mutator(connection, Random(seed))
            mutator.tables = [table for table in mutator.tables if only is None or table.name in only]
        for _ in range(count):
            with connection.begin() as transaction:
                mutation = mutator.mutate()
                report = seen_in(connection, evidence, audited)
                transaction.rollback()
            if not report.findings:
                missed.append(mutation.what)
    return missed


def seen_in(connection: Connection, evidence: Evidence, audited: Audited) -> Report:
    """Check what an open transaction sees."""
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        return check_database(session, evidence, audited.places)
