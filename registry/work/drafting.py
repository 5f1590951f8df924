"""Drafts in turn: a step of each body's, so that a small draft waits for one step of a large one and not for all of it.

A draft in hand is claimed in the register, step by step, so any number of workers may be at different ones, and what a
killed one leaves is taken up again: alone, until something of it is gained, so that the next death is laid at no other
draft's door. Too many of them end the work on it (``claiming.MOST_ATTEMPTS``), and never the work on others.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final
from uuid import UUID

from registry.draft.checking import check_draft
from registry.draft.claiming import (
    MOST_ATTEMPTS,
    Claim,
    WaitingDraft,
    claim,
    given_up_drafts,
    release,
    waiting_drafts,
)
from registry.draft.errors import Overtaken
from registry.draft.status import DraftStatus
from registry.draft.submitting import submit_draft
from registry.draft.workshop import Workshop
from registry.installation import Installation
from registry.personal_data import SealBroken
from registry.work.faults import told
from registry.work.turns import Turns

STEPS_IN_TURN: Final = 4
"""Steps before it is the turn of the other jobs. One is a few seconds at most."""

MOST_WITH_PHOTOS: Final = 2
"""Drafts whose archives one worker has open at once, no two of one body: they lie on its disk until it is done."""


@dataclass(frozen=True, slots=True)
class _Hand:
    """A draft in hand: as it waited when it was taken up, the claim to it, and the work on it."""

    draft: WaitingDraft
    claimed: Claim
    work: Generator[int, None, None]


class Drafting:
    """The drafts of one worker, of one thread; ``worker`` is its name."""

    def __init__(self, installation: Installation, *, worker: str, now: Callable[[], datetime]) -> None:
        self._installation = installation
        self._worker = worker
        self._now = now
        self._bodies: Turns[str] = Turns()
        self._drafts: Turns[UUID] = Turns()
        self._hands: dict[UUID, _Hand] = {}
        self._sealed: dict[WaitingDraft, str] = {}
        self._given_up: Sequence[UUID] = ()

    def batches(self) -> Iterator[int]:
        """Do a step of the drafts whose turn it is; yields after each how much that was."""
        for _ in range(STEPS_IN_TURN):
            draft = self._next()
            if draft is None:
                return
            yield self._step(draft)

    def put_all_down(self) -> None:
        """End the work on what is in hand: it is free for others at once, and no death is laid at its door."""
        for draft_id in list(self._hands):
            self._put_down(draft_id)

    def left_behind(self) -> list[str]:
        """Tell which drafts could not be opened when it was last their turn, and which were given up."""
        why = f"given up, because {MOST_ATTEMPTS} workers ended over it"
        return [
            *(f"draft {draft.id}: it can not be checked: {fault}" for draft, fault in self._sealed.items()),
            *(f"draft {draft_id}: {why}" for draft_id in self._given_up),
        ]

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
        waiting, self._given_up = self._installation.sessions.read(
            lambda session: (waiting_drafts(session, self._worker, now=now), given_up_drafts(session))
        )
        self._sealed = {draft: why for draft, why in self._sealed.items() if draft in waiting}
        able = {draft.id: draft for draft in waiting if draft not in self._sealed}
        self._put_down_what_changed(able)
        bodies = self._bodies.in_turn(dict.fromkeys(draft.issuer for draft in waiting))
        in_turn = [able[each] for each in self._drafts.in_turn(able)]
        in_turn.sort(key=lambda draft: bodies.index(draft.issuer))
        suspect = [able[each] for each in self._hands if able[each].attempts]
        return next((draft for draft in suspect or in_turn if self._has_room(draft)), None)

    def _put_down_what_changed(self, able: dict[UUID, WaitingDraft]) -> None:
        """Put down what waits no more, or as another revision or for something else than what was taken up."""
        for hand in list(self._hands.values()):
            waiting = able.get(hand.draft.id)
            if waiting is None or not hand.claimed.is_of(waiting):
                self._put_down(hand.draft.id)

    def _has_room(self, draft: WaitingDraft) -> bool:
        """Say whether a draft is in hand, or its archives may be opened beside those that are."""
        if draft.id in self._hands or not draft.has_photos:
            return True
        opened = [hand.draft.issuer for hand in self._hands.values() if hand.draft.has_photos]
        return len(opened) < MOST_WITH_PHOTOS and draft.issuer not in opened

    def _step(self, draft: WaitingDraft) -> int:
        self._bodies.served(draft.issuer)
        self._drafts.served(draft.id)
        # Not in hand meanwhile: work that failed is not gone on with, but taken up anew.
        hand = self._hands.pop(draft.id, None) or self._taken_up(draft)
        if hand is None:
            return 0
        try:
            count = next(hand.work, None)
        except Overtaken:
            return 0
        except SealBroken as fault:
            # Of a draft that was changed meanwhile, files may be gone that were about to be read.
            if self._release(hand.claimed):
                self._sealed[draft] = told(fault)
            return 0
        # Work that had ended is dropped: the draft waits for something new, if its body was quick.
        if count is None:
            return 0
        self._hands[draft.id] = hand
        return count

    def _taken_up(self, draft: WaitingDraft) -> _Hand | None:
        """Take up a draft; ``None`` if another worker was quicker, or it waits no longer."""
        now = self._now()
        claimed = self._installation.sessions.run(
            lambda session: claim(session, draft.id, self._worker, now=now)
        )
        if claimed is None:
            return None
        if claimed.attempts:
            self.put_all_down()
        work = submit_draft if claimed.status is DraftStatus.SIGNED else check_draft
        return _Hand(draft, claimed, work(self._workshop, claimed))

    def _put_down(self, draft_id: UUID) -> None:
        """End the work on a draft that is in hand; others may have it by now."""
        hand = self._hands.pop(draft_id)
        hand.work.close()
        self._release(hand.claimed)

    def _release(self, claimed: Claim) -> bool:
        return self._installation.sessions.run(lambda session: release(session, claimed), idempotent=True)
