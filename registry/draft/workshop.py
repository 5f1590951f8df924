"""What a worker checks drafts with, and how it says that it goes on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from registry.database.sessions import Sessions
from registry.draft.claiming import Claim, renew
from registry.draft.status import Phase
from registry.intake.submission import PersonalKeys
from registry.jurisdiction.rules import Jurisdiction


@dataclass(frozen=True, slots=True)
class Workshop:
    """The register, its rules and secrets; ``folder`` is where archives are opened, in files without a name."""

    sessions: Sessions
    personal: PersonalKeys
    jurisdictions: Mapping[str, Jurisdiction]
    environment: str
    folder: Path
    now: Callable[[], datetime]


def note(workshop: Workshop, claimed: Claim, phase: Phase, done: int, total: int) -> None:
    """Note the progress of a check, and hold on to the draft. Raises ``Overtaken``."""
    now = workshop.now()
    workshop.sessions.run(
        lambda session: renew(session, claimed, phase, done, total, now=now), idempotent=True
    )
