"""Drafts in turn: a step of each body's, so that a small draft waits for one step of a large one and not for all of it.

A draft in hand is claimed in the register, step by step, so any number of workers may be at different ones, and what a
killed one leaves is taken up again.
"""

from collections.abc import Callable, Generator, Iterator
from datetime import datetime
from functools import cached_property
from typing import Final
from uuid import UUID

from registry.draft.checking import check_draft
from registry.draft.claiming import Claim, Overtaken, WaitingDraft, claim, release, waiting_drafts
from registry.draft.status import DraftStatus
from registry.draft.submitting import submit_draft
from registry.draft.workshop import Workshop
from registry.installation import Installation
from registry.personal_data import SealBroken
from registry.work.faults import told
from registry.work.turns import Turns

STEPS_IN_TURN: Final = 4
"""Steps before it is the turn of the other jobs. One is a few seconds at most."""

Work = Generator[int, None, None]


class Drafting:
    """The drafts of one worker, of one thread; ``worker`` is its name."""

    def __init__(self, installation: Installation, *, worker: str, now: Callable[[], datetime]) -> None:
        self._installation = installation
        self._worker = worker
        self._now = now
        self._bodies: Turns[str] = Turns()
        self._drafts: Turns[UUID] = Turns()
        self._hands: dict[UUID, tuple[Claim, Work]] = {}
        self._sealed: dict[WaitingDraft, str] = {}

    def batches(self) -> Iterator[int]:
        """Do a step of the drafts whose turn it is; yields after each how much that was."""
        try:
            for _ in range(STEPS_IN_TURN):
                draft = self._next()
                if draft is None:
                    return
                yield self._step(draft)
        except GeneratorExit:
            # Asked to stop between two steps: what is in hand is free for others at once.
            for draft_id in list(self._hands):
                self._put_down(draft_id)
            raise

    def left_behind(self) -> list[str]:
        """Tell which drafts could not be opened when it was last their turn."""
        return [f"draft {draft.id}: it can not be checked: {why}" for draft, why in self._sealed.items()]

    @cached_property
    def _workshop(self) -> Workshop:
        # Made when there is a draft: until then no secret need be there.
        installation = self._installation
        return Workshop(
            installation.sessions,
            installation.personal,
            installation.jurisdictions,
            installation.settings.environment,
            installation.settings.work_dir,
            self._now,
        )

    def _next(self) -> WaitingDraft | None:
        """Return the draft whose turn it is: first among bodies, then among the drafts of that body."""
        now = self._now()
        waiting = self._installation.sessions.read(
            lambda session: waiting_drafts(session, self._worker, now=now)
        )
        self._sealed = {draft: why for draft, why in self._sealed.items() if draft in waiting}
        able = {draft.id: draft for draft in waiting if draft not in self._sealed}
        for gone in self._hands.keys() - able.keys():
            self._put_down(gone)
        bodies = self._bodies.in_turn(dict.fromkeys(draft.issuer for draft in able.values()))
        in_turn = [able[each] for each in self._drafts.in_turn(able)]
        return next((draft for draft in in_turn if draft.issuer == bodies[0]), None)

    def _step(self, draft: WaitingDraft) -> int:
        self._bodies.served(draft.issuer)
        self._drafts.served(draft.id)
        # Not in hand meanwhile: work that failed is not gone on with, but taken up anew.
        hand = self._hands.pop(draft.id, None) or self._taken_up(draft.id)
        if hand is None:
            return 0
        claimed, work = hand
        try:
            count = next(work)
        except Overtaken:
            return 0
        except SealBroken as fault:
            self._sealed[draft] = told(fault)
            self._release(claimed)
            return 0
        self._hands[draft.id] = claimed, work
        return count

    def _taken_up(self, draft_id: UUID) -> tuple[Claim, Work] | None:
        """Take up a draft; ``None`` if another worker was quicker, or it waits no longer."""
        now = self._now()
        claimed = self._installation.sessions.run(
            lambda session: claim(session, draft_id, self._worker, now=now)
        )
        if claimed is None:
            return None
        work = submit_draft if claimed.status is DraftStatus.SIGNED else check_draft
        return claimed, work(self._workshop, claimed)

    def _put_down(self, draft_id: UUID) -> None:
        """End the work on a draft that is in hand; others may have it by now."""
        claimed, work = self._hands.pop(draft_id)
        work.close()
        self._release(claimed)

    def _release(self, claimed: Claim) -> None:
        self._installation.sessions.run(lambda session: release(session, claimed), idempotent=True)
