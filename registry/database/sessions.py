"""The only ways through the door: an act that writes, a query that reads, and one SELECT by itself.

Act and query are a function of a session. The function may run several times, because a lost race or a lost
connection is answered by rolling back and running it again; so it does database work and nothing else: no
signing, no files, no mail, no clock of its own. Whatever it returns is used only after the commit.

What is run again, and what is not:

=====================================  ==========================================================
serialization failure, deadlock        again: the database undid everything (40001, 40P01)
lock or busy time-out                  again: another writer was faster (55P03, SQLITE_BUSY, SQLITE_LOCKED)
connection lost before COMMIT          again: an unfinished transaction is undone by the database
connection lost *during* COMMIT        only if the act is idempotent; else ``CommitUnknown``
disk full                              never: ``StorageFull``, and nothing was done
disk read-only, broken or damaged      never: ``StorageFailed``, ``StorageDamaged``; or ``CommitUnknown``
constraint violated, any other error   never: it would fail the same way, or hide a fault
=====================================  ==========================================================
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, TypeVarTuple

from sqlalchemy import Dialect, Engine, Row, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.database.engine import ACCESS, Access
from registry.database.errors import CommitUnknown, RegisterBusy, StorageFailed
from registry.database.faults import Fault, fault_of, storage_fault_of

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How stubborn to be: at most ``tries`` runs, and no new one after ``patience_seconds``.

    Before run n + 1 there is a pause of a random length up to ``first_pause_seconds * 2 ** (n - 1)``,
    never above ``longest_pause_seconds``: random, so that two losers do not meet again.
    """

    tries: int = 8
    patience_seconds: float = 30.0
    first_pause_seconds: float = 0.02
    longest_pause_seconds: float = 1.0


class Sessions:
    """Runs acts and queries on one engine. Safe to share between threads.

    ``sleep``, ``clock`` (seconds, monotonic) and ``chance`` (0 to 1) are passed in by tests.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        retry: Retry = Retry(),
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._writers = engine.execution_options(**{ACCESS: Access.WRITE})
        self._readers = engine.execution_options(**_reading(engine))
        self._selects = engine.execution_options(**_selecting(engine))
        self._retry = retry
        self._sleep = sleep
        self._clock = clock
        self._chance = chance

    @property
    def dialect(self) -> Dialect:
        """How the database behind it is spoken to."""
        return self._writers.dialect

    @property
    def locks_rows(self) -> bool:
        """Whether ``FOR UPDATE`` locks single rows, and can skip locked ones; SQLite has one lock for all."""
        return self.dialect.name != "sqlite"

    def run(self, act: Callable[[Session], T], *, idempotent: bool = False) -> T:
        """Run a write transaction; return what ``act`` returned, once it is committed and durable.

        ``act`` may run twice or more (see the table above), each time in a new session. Rows it returns
        stay readable after the commit, but are detached: load inside what the caller needs.
        ``idempotent`` says that doing the whole act a second time *after it was committed* changes
        nothing, as with "insert unless present". Only then is it run again when the connection broke
        during COMMIT, where the register may or may not have it.
        Raises what ``act`` raises (nothing is stored then), ``RegisterBusy``, ``StorageFault`` or ``CommitUnknown``.
        """
        return self._until_done(lambda: self._write(act, idempotent=idempotent), writing=True)

    def read(self, query: Callable[[Session], T]) -> T:
        """Run a query on one snapshot, read-only; return what it returned.

        The whole query sees one state of the register. The database itself refuses writes
        (SQLAlchemy's ``DBAPIError``). ``query`` may run twice. Raises ``RegisterBusy`` or ``StorageFault``.
        """
        return self._until_done(lambda: self._read(query))

    def rows(self, query: Select[*Ts], parameters: Mapping[str, object]) -> Sequence[Row[*Ts]]:
        """Run one SELECT that is known beforehand, and nothing around it; return its rows.

        For what is asked thousands of times a second: no session, and no transaction to begin and to end, since
        one statement sees one state of the register anyway. May run twice. Raises ``RegisterBusy`` or ``StorageFault``.
        """

        def select() -> Sequence[Row[*Ts]]:
            with self._selects.connect() as connection:
                return connection.execute(query, parameters).all()

        return self._until_done(select)

    def close(self) -> None:
        """Close the connections to the store; a later act or query opens new ones."""
        self._writers.dispose()

    def _write(self, act: Callable[[Session], T], *, idempotent: bool) -> T:
        with Session(self._writers, expire_on_commit=False) as session:
            outcome = act(session)
            session.flush()
            try:
                session.commit()
            except DBAPIError as error:
                if not idempotent and _may_be_stored(error):
                    raise CommitUnknown from error
                raise
            return outcome

    def _read(self, query: Callable[[Session], T]) -> T:
        with Session(self._readers, expire_on_commit=False) as session:
            outcome = query(session)
            # A change that was only prepared would vanish in silence: let the database refuse it.
            session.flush()
            session.expunge_all()
            return outcome

    def _until_done(self, attempt: Callable[[], T], *, writing: bool = False) -> T:
        started = self._clock()
        tries = 0
        while True:
            tries += 1
            try:
                return attempt()
            except DBAPIError as error:
                refusal = storage_fault_of(error, writing=writing)
                if refusal is not None:
                    raise refusal from error
                fault = fault_of(error)
                if fault is None:
                    raise
                pause = self._pause_seconds(tries)
                elapsed = self._clock() - started
                if tries >= self._retry.tries or elapsed + pause > self._retry.patience_seconds:
                    raise RegisterBusy(tries, fault) from error
            self._sleep(pause)

    def _pause_seconds(self, tries: int) -> float:
        longest = min(self._retry.longest_pause_seconds, self._retry.first_pause_seconds * 2.0 ** (tries - 1))
        return self._chance() * longest


def _may_be_stored(error: DBAPIError) -> bool:
    """Whether the act may be stored although its COMMIT failed.

    After a lost connection, because nobody heard the answer. After an error of the disk, because SQLite may have
    written all of it and only failed to sync it: it is gone for this process, but a crash would bring it back. (A full
    disk is certain: what did not fit is the very mark that makes it count.)
    """
    failed = isinstance(storage_fault_of(error, writing=True), StorageFailed)
    return failed or fault_of(error) is Fault.CONNECTION_LOST


def _selecting(engine: Engine) -> dict[str, object]:
    options: dict[str, object] = {ACCESS: Access.SELECT}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "AUTOCOMMIT"}
    return options


def _reading(engine: Engine) -> dict[str, object]:
    options: dict[str, object] = {ACCESS: Access.READ}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return options
