"""The register's own work, found by state alone: ID checks, numbering, signing, release, publication.

Whatever a crash interrupted is found again by the next round. One round does everything there is to do now; what one
submission lacks (a series that nobody opened) keeps no other waiting.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registry.certificate.approved import unfinished_submissions
from registry.certificate.errors import EpochNotOpen, NotACorrection, SeriesNotOpen
from registry.certificate.issuance import number_approved
from registry.certificate.release import release_signed
from registry.certificate.signature import HeldBack, sign_numbered
from registry.directory.errors import SeriesExhausted
from registry.errors import RegistryError
from registry.installation import Installation
from registry.intake.id_checks import compute_id_checks, submissions_awaiting_id_checks
from registry.operator.custody import Custody
from registry.operator.progress import Progress
from registry.people.permission import Actor
from registry.review.errors import NotConfirmed

# What keeps one submission from its numbers, and nothing else.
HELD_BACK = (EpochNotOpen, NotACorrection, NotConfirmed, SeriesExhausted, SeriesNotOpen)


@dataclass(frozen=True, slots=True)
class Issued:
    """How many entries one round numbered, signed and released, which submissions could not be numbered, and which
    entries could not be signed.
    """

    numbered: int
    signed: int
    released: int
    held_back: Mapping[UUID, RegistryError]
    refused: Mapping[int, Exception]

    @property
    def anything(self) -> bool:
        """Whether there was anything to do."""
        return bool(self.numbered or self.signed or self.released or self.held_back or self.refused)


def prepare(installation: Installation, custody: Custody, *, now: datetime, progress: Progress) -> int:
    """Compute the ID checks of all submissions that wait for them; return how many rows that were."""
    salt, rows = custody.trust.salt, 0
    for submission_id in installation.sessions.read(submissions_awaiting_id_checks):
        sealer = installation.personal.sealer
        rows += compute_id_checks(
            installation.sessions, sealer, salt, submission_id, now=now, progress=progress
        )
    return rows


def issue(
    installation: Installation,
    custody: Custody,
    actor: Actor,
    *,
    now: datetime,
    progress: Progress,
    submissions: Sequence[UUID] | None = None,
) -> Issued:
    """Number, sign and release all that is approved, or what of it is in these submissions.

    Signing and release take up whatever an earlier round left, too. ``progress`` is told each entry three times.
    """
    sessions, environment = installation.sessions, installation.settings.environment
    signers = custody.certificate_signers()
    numbered = signed = released = 0
    held_back: dict[UUID, RegistryError] = {}
    chosen = submissions if submissions is not None else sessions.read(unfinished_submissions)
    for submission_id in chosen:
        try:
            while count := number_approved(
                sessions,
                actor,
                submission_id,
                installation.profiles.issuing,
                environment=environment,
                now=now,
            ):
                numbered += count
                progress(count)
        except HELD_BACK as refusal:
            held_back[submission_id] = refusal
    refused: HeldBack = {}
    profiles = installation.profiles
    while count := sign_numbered(sessions, actor, signers, profiles, now=now, held_back=refused):
        signed += count
        progress(count)
    while count := release_signed(sessions, actor, now=now):
        released += count
        progress(count)
    return Issued(numbered, signed, released, held_back, refused)
