"""ID checks in turn: a chunk of each submission that waits for them, so that a small one waits for no large one."""

from collections.abc import Callable, Iterator
from datetime import datetime

from registry.installation import Installation
from registry.intake.id_checks import CHUNK, compute_id_checks, submissions_awaiting_id_checks
from registry.work.turns import Turns

CHUNKS_IN_TURN = 4
"""Chunks (about half a second each on two cores) before it is the turn of the other jobs."""


class IdChecking:
    """ID checks by one worker; ``salt`` returns the register's one salt."""

    def __init__(
        self, installation: Installation, *, salt: Callable[[], bytes], now: Callable[[], datetime]
    ) -> None:
        self._installation = installation
        self._salt = salt
        self._now = now
        self._turns = Turns()

    def batches(self) -> Iterator[int]:
        """Compute a chunk for each of the submissions whose turn it is."""
        sessions = self._installation.sessions
        waiting = sessions.read(submissions_awaiting_id_checks)
        if not waiting:
            return
        salt, sealer = self._salt(), self._installation.personal.sealer
        for submission_id in self._turns.in_turn(waiting)[:CHUNKS_IN_TURN]:
            count = compute_id_checks(
                sessions, sealer, salt, submission_id, now=self._now(), progress=_unseen, most=CHUNK
            )
            self._turns.served(submission_id)
            if count:
                yield count


def _unseen(_: int) -> None:
    """Tell nobody: what was done is yielded."""
