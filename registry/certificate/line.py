"""Numbering in the foreground, signing and release right behind it: while one batch is signed, the next is numbered.

Numbering is mostly the work of the database and of this process, signing that of other processes, so side by side they
keep all cores busy. Nothing depends on it for being right: each step finds what there is to do by state alone, and what
a crash leaves behind, the next run finishes.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from keys.signer import BatchSigner
from registry.certificate.issuance import NOTHING_KNOWN, Memory, number_together
from registry.certificate.refusals import HeldBack, Refusals
from registry.certificate.release import ANY_SIZE, release_signed
from registry.certificate.signature import sign_numbered
from registry.database.sessions import Sessions
from registry.directory.profiles import Profiles
from registry.people.permission import Actor
from signing.trust import TrustKeys


@dataclass(frozen=True, slots=True)
class Workshop:
    """What issuing needs: the register, who acts, who signs, and under which rules."""

    sessions: Sessions
    actor: Actor
    signers: Mapping[bytes, BatchSigner]
    profiles: Profiles
    environment: str
    trust: TrustKeys
    known_entries: Mapping[str, int] = field(default_factory=lambda: NOTHING_KNOWN)
    # Brings what was signed into the public log and before the witnesses; what they have not signed is not released.
    show_in_log: Callable[[], object] = lambda: None
    # How many leaves the public checkpoint covers.
    shown: Callable[[], int] = lambda: ANY_SIZE


@dataclass(slots=True)
class Counts:
    """How many entries were numbered, signed and released, and which could not be signed or released in the end."""

    numbered: int = 0
    signed: int = 0
    released: int = 0
    refused: HeldBack = field(default_factory=Refusals)
    unreleased: HeldBack = field(default_factory=Refusals)


class Line:
    """One run of issuing. Leaving it waits for what is being signed; a failure of that is raised then, or by the next
    call.

    ``now`` is asked anew for every batch, by either thread: the year in a number is that of the day it was given.
    ``progress`` is told how many entries a step moved on, by either thread.
    """

    def __init__(
        self, workshop: Workshop, *, now: Callable[[], datetime], progress: Callable[[int], None]
    ) -> None:
        self.counts = Counts()
        self._workshop = workshop
        self._now = now
        self._progress = progress
        self._memory = Memory()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="signing")
        self._behind: Future[None] | None = None

    def number(self, submissions: Sequence[UUID]) -> int:
        """Number a batch of these submissions and have it signed and released behind; return how many were numbered.

        Raises what ``number_together`` raises, and what signing or release raised since the last call.
        """
        shop = self._workshop
        count = number_together(
            shop.sessions,
            shop.actor,
            submissions,
            shop.profiles.issuing,
            environment=shop.environment,
            now=self._now(),
            known_entries=shop.known_entries,
            memory=self._memory,
        )
        if count:
            self.counts.numbered += count
            self._progress(count)
            self.finish_behind()
        return count

    def finish_behind(self) -> None:
        """Begin to sign and release all that waits for it, once the last such call is done."""
        self._wait()
        self._behind = self._thread.submit(self._finish)

    def _finish(self) -> None:
        shop, counts = self._workshop, self.counts
        # Begun anew each time, and apart from each other: whatever lies before an entry that was refused is passed by.
        unsigned: HeldBack = Refusals()
        unreleased: HeldBack = Refusals()
        while count := sign_numbered(
            shop.sessions,
            shop.actor,
            shop.signers,
            shop.profiles,
            environment=shop.environment,
            now=self._now(),
            held_back=unsigned,
            memory=self._memory,
        ):
            counts.signed += count
            self._progress(count)
        shop.show_in_log()
        shown = shop.shown()
        while count := release_signed(
            shop.sessions,
            shop.actor,
            shop.trust,
            now=self._now(),
            held_back=unreleased,
            memory=self._memory,
            shown=shown,
        ):
            counts.released += count
            self._progress(count)
        counts.refused = unsigned | unreleased

    def _wait(self) -> None:
        behind, self._behind = self._behind, None
        if behind is not None:
            behind.result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._wait()
        finally:
            self._thread.shutdown(wait=True)
