"""Where an act meets its fault: killed in a process of its own, or failed in this one."""

import signal
import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from keys.crash_points import CrashMode, arm, disarm, reach
from keys.errors import JournalUnavailable
from keys.signer.journal import SignerJournal
from registry.certificate.lifecycle import Reason, revoke, void
from registry.database.engine import open_engine
from registry.database.sessions import Sessions
from registry.intake.submission import PersonalKeys
from registry.personal_data import Matcher, Sealer
from tests.instants import NOON
from tests.keys.small_register import ending_of
from tests.registry.world import ENVIRONMENT, World

PATIENCE_SECONDS = 60.0

# Every process of a test seals and matches with the same secrets.
PERSONAL = PersonalKeys(Sealer(sha256(b"data").digest()), Matcher(sha256(b"lookup").digest()))


def revoke_number(world: World, number: str) -> None:
    """Revoke a certificate; the last thing before the commit is the crash point."""

    def act(session) -> None:
        revoke(session, world.registrar, number, Reason.EXAM_FRAUD, now=NOON)
        reach("revoke.before_commit")

    world.sessions.run(act)


def void_entry(world: World, entry: int) -> None:
    """Void an entry; the last thing before the commit is the crash point."""

    def act(session) -> None:
        void(session, world.registrar, entry, Reason.ISSUED_IN_ERROR, now=NOON)
        reach("void.before_commit")

    world.sessions.run(act)


class Hang:
    """A clock for armed hangs: one that begins says so, and lasts until it is let go."""

    def __init__(self) -> None:
        """Begin with none."""
        self._begun, self._over = threading.Event(), threading.Event()

    def sleep(self, _: float) -> None:
        """Hang."""
        self._begun.set()
        assert self._over.wait(PATIENCE_SECONDS)

    def await_begun(self) -> None:
        """Return when somebody hangs."""
        assert self._begun.wait(PATIENCE_SECONDS)

    def let_go(self) -> None:
        """Let who hangs go on."""
        self._over.set()


class Theatre:
    """A world, its folder, and the address of its database."""

    def __init__(self, world: World, folder: Path, url: str) -> None:
        """Take a world whose journal lies where ``World`` puts it."""
        self.world, self.url = world, url
        self._journal = folder / "signer" / "journal.txt"

    def trip(self, mode: CrashMode, point: str, act: Callable[[World], object], *, on_hit: int = 1) -> None:
        """Let the act meet the point in this mode; returns when the act has ended in it."""
        if mode is CrashMode.KILL:
            assert self._ending_of(act, point, on_hit) == -signal.SIGKILL
        else:
            self._fail(act, point, mode, on_hit)

    def reopen_journal(self) -> None:
        """Open the signer's journal as a new process would."""
        self.world.journal.close()
        self.world.journal = SignerJournal.open(self._journal)

    def _ending_of(self, act: Callable[[World], object], point: str, on_hit: int) -> int:
        # Nobody else has the register open then: what the dead one leaves is found as it is after a crash.
        self.world.sessions.close()

        def in_child() -> None:
            self.world.sessions = Sessions(open_engine(self.url))
            self.reopen_journal()
            arm(point, CrashMode.KILL, environment=ENVIRONMENT, on_hit=on_hit)
            act(self.world)

        return ending_of(in_child)

    def _fail(self, act: Callable[[World], object], point: str, mode: CrashMode, on_hit: int) -> None:
        arm(point, mode, environment=ENVIRONMENT, on_hit=on_hit)
        try:
            act(self.world)
        except (OSError, JournalUnavailable):
            return
        finally:
            disarm()
            # A failed write ends a journal; the next process opens it anew.
            self.reopen_journal()
        raise AssertionError(f"{point} was not reached")
