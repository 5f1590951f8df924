"""The register's own work, found by state alone: ID checks, numbering, signing, release, publication.

Whatever a crash interrupted is found again by the next round. One round does everything there is to do now.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from registry.certificate.approved import unfinished_submissions
from registry.certificate.issuance import number_approved
from registry.certificate.release import release_signed
from registry.certificate.signature import sign_numbered
from registry.installation import Installation
from registry.intake.id_checks import compute_id_checks, submissions_awaiting_id_checks
from registry.operator.custody import Custody
from registry.people.permission import Actor

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Issued:
    """How many entries one round numbered, signed and released."""

    numbered: int
    signed: int
    released: int


def prepare(installation: Installation, custody: Custody, *, progress: Progress) -> int:
    """Compute the ID checks of all submissions that wait for them; return how many rows that were."""
    salt, rows = custody.trust.salt, 0
    for submission_id in installation.sessions.read(submissions_awaiting_id_checks):
        sealer = installation.personal.sealer
        rows += compute_id_checks(installation.sessions, sealer, salt, submission_id, progress=progress)
    return rows


def issue(
    installation: Installation,
    custody: Custody,
    actor: Actor,
    *,
    now: datetime,
    progress: Progress,
    submissions: list[UUID] | None = None,
) -> Issued:
    """Number, sign and release all that is approved, or what of it is in these submissions.

    Signing and release take up whatever an earlier round left, too. ``progress`` is told each entry three times.
    """
    sessions, environment = installation.sessions, installation.settings.environment
    signers = custody.certificate_signers()
    numbered = signed = released = 0
    chosen = submissions if submissions is not None else sessions.read(unfinished_submissions)
    for submission_id in chosen:
        while count := number_approved(
            sessions, actor, submission_id, installation.profiles.issuing, environment=environment, now=now
        ):
            numbered += count
            progress(count)
    while count := sign_numbered(sessions, actor, signers, now=now):
        signed += count
        progress(count)
    while count := release_signed(sessions, actor, now=now):
        released += count
        progress(count)
    return Issued(numbered, signed, released)
