"""Numbering, signing and release as the jobs of one worker.

Several workers may do this at once: on PostgreSQL they take different rows; on SQLite one writes at a time, and what
two of them prepared is stored once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from keys.signer import BatchSigner
from registry.certificate.issuance import Memory, number_together
from registry.certificate.lifecycle import Status
from registry.certificate.refusals import HeldBack, Refusals
from registry.certificate.release import ANY_SIZE, release_signed
from registry.certificate.signature import sign_numbered
from registry.errors import RegistryError
from registry.installation import Installation
from registry.people.permission import Actor
from registry.work.backlog import BEFORE_RELEASE, any_entry, still_unfinished
from registry.work.numbering import Numbering
from signing.trust import TrustKeys

REMEMBERED = 50_000
"""Entries whose bytes are kept in memory at most, should the signer be out of order for long."""

Signers = Mapping[bytes, BatchSigner]


class Issuing:
    """Numbering, signing and release by one worker.

    ``refused`` tells which entries the last turn could not sign, ``unreleased`` which it could not release.
    """

    def __init__(
        self,
        installation: Installation,
        actor: Callable[[], Actor],
        *,
        signers: Callable[[], Signers],
        trust: Callable[[], TrustKeys],
        known_entries: Callable[[], Mapping[str, int]],
        now: Callable[[], datetime],
        shown: Callable[[], int] = lambda: ANY_SIZE,
    ) -> None:
        """Take what is asked anew each time: who acts, who signs, the trust bundle, what others know, the time.

        ``shown`` tells how many leaves the public checkpoint covers.
        """
        self._installation = installation
        self._actor = actor
        self._signers = signers
        self._trust = trust
        self._known_entries = known_entries
        self._now = now
        self._shown = shown
        self._memory = Memory()
        self._numbering = Numbering(installation.sessions, self._number)
        self.refused: HeldBack = Refusals()
        self.unreleased: HeldBack = Refusals()

    @property
    def held_back(self) -> Mapping[UUID, RegistryError]:
        """Which submissions the last turn could not number."""
        return self._numbering.held_back

    def number(self) -> Iterator[int]:
        """Number what is approved; a submission that can not be numbered is put into ``held_back``.

        Raises what ``Numbering.turn`` raises, and a ``KeysError`` if the signer's journal can not be asked.
        """
        if len(self._memory.numbered) > REMEMBERED:
            self._memory.numbered.clear()
        self._forget_finished()
        yield from self._numbering.turn()

    def sign(self) -> Iterator[int]:
        """Sign what is numbered; an entry that can not be signed is put into ``refused``."""
        installation, self.refused = self._installation, Refusals()
        if not installation.sessions.read(lambda session: any_entry(session, Status.NUMBERED)):
            return
        actor, signers = self._actor(), self._signers()
        while count := sign_numbered(
            installation.sessions,
            actor,
            signers,
            installation.profiles,
            environment=installation.settings.environment,
            now=self._now(),
            held_back=self.refused,
            memory=self._memory,
        ):
            yield count
        # What others signed, or nobody could, is held against its rows again should it come back.
        self._memory.numbered.clear()

    def release(self) -> Iterator[int]:
        """Release what is signed or reinstated; an entry whose token does not verify is put into ``unreleased``."""
        sessions, self.unreleased = self._installation.sessions, Refusals()
        if not sessions.read(lambda session: any_entry(session, *BEFORE_RELEASE)):
            return
        actor, trust, shown = self._actor(), self._trust(), self._shown()
        while count := release_signed(
            sessions,
            actor,
            trust,
            now=self._now(),
            held_back=self.unreleased,
            memory=self._memory,
            shown=shown,
        ):
            yield count
        self._memory.signed.clear()

    def _forget_finished(self) -> None:
        """Forget the confirmed rows of what another worker finished, or what is approved no longer."""
        confirmed = self._memory.confirmed
        if not confirmed:
            return
        waiting = self._installation.sessions.read(lambda session: still_unfinished(session, list(confirmed)))
        for submission_id in confirmed.keys() - waiting:
            del confirmed[submission_id]

    def _number(self, submissions: Sequence[UUID]) -> int:
        return number_together(
            self._installation.sessions,
            self._actor(),
            submissions,
            self._installation.profiles.issuing,
            environment=self._installation.settings.environment,
            now=self._now(),
            known_entries=self._known_entries(),
            memory=self._memory,
        )


def unnumbered(held_back: Mapping[UUID, RegistryError]) -> list[str]:
    """Tell which submissions could not be numbered."""
    return [f"submission {submission} can not be numbered: {why}" for submission, why in held_back.items()]


def unsigned(refused: Mapping[int, Exception]) -> list[str]:
    """Tell which entries could not be signed, or released."""
    return [f"entry {entry} can not be signed or released: {refusal}" for entry, refusal in refused.items()]
