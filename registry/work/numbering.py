"""Numbering in turn: a batch of each approved submission, small ones together, and none keeps another waiting.

A small submission waits for no more than one batch of each large one. What one of them lacks (a series that nobody
opened) is told, and the others go on.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from uuid import UUID

from registry.certificate.errors import ClockBehind, EpochNotOpen, NotACorrection, SeriesNotOpen
from registry.certificate.issuance import BATCH
from registry.certificate.refusals import Refusals
from registry.database.sessions import Sessions
from registry.directory.errors import SeriesExhausted
from registry.errors import RegistryError
from registry.review.errors import NotConfirmed
from registry.work.backlog import waiting_submissions
from registry.work.turns import Turns

# What keeps one submission from its numbers, and nothing else.
HELD_BACK = (ClockBehind, EpochNotOpen, NotACorrection, NotConfirmed, SeriesExhausted, SeriesNotOpen)

BATCHES_IN_TURN = 8
"""Batches before it is the turn of the other jobs: so nobody's numbers wait long for their signatures."""

TOGETHER = 100
"""Small submissions that are numbered in one transaction at most: it must not hold its locks for long."""

Number = Callable[[Sequence[UUID]], int]
"""Numbers a batch of these submissions, and returns how many entries that was."""


class Numbering:
    """Who is numbered next, by one thread. ``held_back`` tells which submissions the last turn could not number."""

    def __init__(self, sessions: Sessions, number: Number) -> None:
        self._sessions = sessions
        self._number = number
        self._turns: Turns[UUID] = Turns()
        self.held_back: Refusals[UUID, RegistryError] = Refusals()

    def turn(self, only: Iterable[UUID] | None = None) -> Iterator[int]:
        """Number what is approved, or what of it is in these submissions, at most ``BATCHES_IN_TURN`` batches.

        Yields after each batch how many entries it was. Raises what keeps all of them from their numbers
        (``NumberingHeld``, ``BehindItsSigner``, ``NotPermitted``).
        """
        self.held_back, left = Refusals(), BATCHES_IN_TURN
        # Whoever names submissions has few of them: to count their rows first would cost more than it saves.
        groups = self._groups() if only is None else ([submission_id] for submission_id in only)
        for group in groups:
            for count in self._number_group(group):
                left -= 1
                yield count
            if left <= 0:
                return

    def _groups(self) -> Iterator[list[UUID]]:
        """Yield what waits, in turn: a large submission by itself, small ones together up to one batch."""
        rows = {each.id: each.rows for each in self._sessions.read(waiting_submissions)}
        group: list[UUID] = []
        for submission_id in self._turns.in_turn(rows):
            full = sum(rows[each] for each in group) + rows[submission_id] > BATCH
            if group and (full or len(group) == TOGETHER):
                yield group
                group = []
            group.append(submission_id)
        if group:
            yield group

    def _number_group(self, group: Sequence[UUID]) -> Iterator[int]:
        count, refusal = self._try(group)
        if refusal is not None and len(group) > 1:
            # One of them spoils it for all: each by itself.
            for submission_id in group:
                yield from self._number_group([submission_id])
            return
        for submission_id in group:
            self._turns.served(submission_id)
        if refusal is not None:
            self.held_back[group[0]] = refusal
        if count:
            yield count

    def _try(self, group: Sequence[UUID]) -> tuple[int, RegistryError | None]:
        try:
            return self._number(group), None
        except HELD_BACK as refusal:
            return 0, refusal
