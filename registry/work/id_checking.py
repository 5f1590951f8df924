"""ID checks in turn: a chunk of each submission that waits for them, so that a small one waits for no large one.

A submission whose stored rows do not open is told, and the others go on.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from registry.installation import Installation
from registry.intake.errors import RowNotReadable
from registry.intake.id_checks import CHUNK, compute_id_checks, submissions_awaiting_id_checks
from registry.personal_data import SealBroken
from registry.work.faults import told
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
        self._turns: Turns[UUID] = Turns()
        self._sealed: dict[UUID, str] = {}

    def batches(self) -> Iterator[int]:
        """Compute a chunk for each of the submissions whose turn it is."""
        waiting = self._installation.sessions.read(submissions_awaiting_id_checks)
        waits = set(waiting)
        self._sealed = {each: why for each, why in self._sealed.items() if each in waits}
        if not waiting:
            return
        left = CHUNKS_IN_TURN
        for submission_id in self._turns.in_turn(waiting):
            count = self._compute(submission_id)
            self._turns.served(submission_id)
            # What does not open uses up nobody's turn, but a worker may stop after it as after a chunk.
            if count or submission_id in self._sealed:
                yield count
            left -= submission_id not in self._sealed
            if not left:
                return

    def left_behind(self) -> list[str]:
        """Tell which of the submissions that wait could not be opened when it was last their turn."""
        return [
            f"submission {submission}: its ID checks can not be computed: {why}"
            for submission, why in self._sealed.items()
        ]

    def _compute(self, submission_id: UUID) -> int:
        self._sealed.pop(submission_id, None)
        sessions, sealer = self._installation.sessions, self._installation.personal.sealer
        try:
            return compute_id_checks(
                sessions,
                sealer,
                self._salt(),
                submission_id,
                now=self._now(),
                progress=_unseen,
                most=CHUNK,
            )
        except (RowNotReadable, SealBroken) as fault:
            self._sealed[submission_id] = told(fault)
            return 0


def _unseen(_: int) -> None:
    """Tell nobody: what was done is yielded."""
