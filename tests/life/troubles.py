"""What can go wrong in the middle of an act: a process that dies, an answer that gets lost, a disk that fails.

A kill is stood for by an error that nobody catches, at a named crash point or at COMMIT, and by everything of the
process being opened anew afterwards; real kills are the business of other tests. A lost answer is a connection that
breaks at COMMIT, before or after the database did it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

from keys.crash_points import CrashMode, arm, disarm
from tests.life.foretelling import At, Foretold
from tests.registry.world import ENVIRONMENT

COMMIT: Final = "commit"


class Killed(Exception):
    """The process ended here, as far as this test can end a process and go on."""


class Ending(StrEnum):
    """What the trouble means to whoever acted."""

    KILLED = "the process dies"
    LOST = "the connection breaks"
    DISK = "the disk of the signer's journal fails"


@dataclass(frozen=True)
class Trouble:
    """A trouble at a crash point, or at ``COMMIT``. ``after``: what it interrupts became durable."""

    point: str
    at: frozenset[At]
    after: bool
    ending: Ending = Ending.KILLED
    mode: CrashMode = CrashMode.ERROR

    def place(self, foretold: Foretold) -> int | None:
        """Return how many moments stand if it strikes this act; ``None`` if it can not."""
        for place, moment in enumerate(foretold.moments):
            if moment.at in self.at:
                return place + self.after
        return None


_COMMITS, _NEW = frozenset({At.COMMIT}), frozenset({At.NEW_LINES})
_LINES = frozenset({At.NEW_LINES, At.KNOWN_LINES})


def _at_commit(*points: str) -> tuple[Trouble, ...]:
    """Return the troubles of a commit; a point's name says on which side of it it lies."""
    named = tuple(Trouble(point, _COMMITS, after=not point.endswith(".before_commit")) for point in points)
    sides = (False, True)
    return (
        *(Trouble(COMMIT, _COMMITS, after) for after in sides),
        *(Trouble(COMMIT, _COMMITS, after, Ending.LOST) for after in sides),
        *named,
    )


TROUBLES: Final[dict[str, tuple[Trouble, ...]]] = {
    "submit": _at_commit("submit.before_commit", "submit.committed"),
    "withdraw": _at_commit(),
    "check": _at_commit(),
    "decide": _at_commit("decide.before_commit"),
    "number": _at_commit("number.before_commit", "number.committed"),
    "sign": (
        *_at_commit("sign.before_commit", "sign.stored"),
        Trouble("sign.before_journal", _LINES, after=False),
        Trouble("sign.journalled", _LINES, after=True),
        Trouble("sign.signed", _LINES, after=True),
        Trouble("journal.write", _NEW, after=False),
        Trouble("journal.write", _NEW, after=True, mode=CrashMode.DONE),
        Trouble("journal.fsync", _NEW, after=True),
        Trouble("journal.write", _NEW, after=False, ending=Ending.DISK),
        Trouble("journal.fsync", _NEW, after=True, ending=Ending.DISK),
    ),
    "release": _at_commit("release.before_commit", "release.committed"),
    "chain": _at_commit("sequence.before_commit"),
    "act": _at_commit(),
    "open": _at_commit(),
}


class Troublemaker:
    """Lets a trouble strike an act, once; ``struck`` says whether a commit of it was struck."""

    def __init__(self, engine: Engine) -> None:
        self.struck = False
        self._waiting: Trouble | None = None
        self._engine = engine

    @contextmanager
    def making(self, trouble: Trouble | None) -> Iterator[None]:
        """Hold a trouble ready while an act goes on."""
        self.struck = False
        if trouble is not None and trouble.point == COMMIT:
            self._waiting = trouble
            event.listen(self._engine, "commit", self._commit)
        elif trouble is not None:
            error = Killed(trouble.point) if trouble.ending is Ending.KILLED else None
            arm(trouble.point, trouble.mode, environment=ENVIRONMENT, error=error)
        try:
            yield
        finally:
            self._stop_waiting()
            disarm()

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting = None
            event.remove(self._engine, "commit", self._commit)

    def _commit(self, connection: Connection) -> None:
        trouble = self._waiting
        if trouble is None or self.struck:
            return
        self.struck = True
        # The transaction counts as ended when its COMMIT raises, so the driver is told by hand.
        if trouble.after:
            connection.connection.commit()
        else:
            connection.connection.rollback()
        if trouble.ending is Ending.KILLED:
            raise Killed(COMMIT)
        raise OperationalError("COMMIT", None, ConnectionError("broken"), connection_invalidated=True)
