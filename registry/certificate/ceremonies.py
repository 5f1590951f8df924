"""What the journal keeps of a key ceremony: which trust file came out of it, and who acted.

The trust bundle is signed by root keys outside the register, so nothing in the register could tell that there was a
ceremony at all. Its record names the version and the SHA-256 of the signed file: a trust bundle that no ceremony made
is found by ``certreg check``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.journal.record import record
from registry.journal.tables import Event
from registry.people.permission import NATIONAL, Act, Actor, require

KEY_CEREMONY: Final = "key_ceremony"
SUBJECT: Final = "register"


class CeremonyKind(StrEnum):
    """What custodians came together for."""

    FOUND = "found"
    FOUND_LOG = "found_log"
    WITNESSES = "witnesses"
    OPEN_EPOCH = "open_epoch"
    NAMES = "names"
    ROSTER = "roster"
    CLOSE_EPOCH = "close_epoch"
    RETIRE = "retire"
    ROTATE_ROOT = "rotate_root"
    ROTATE_CUSTODIAN = "rotate_custodian"
    ROTATE_STATUS = "rotate_status"
    ROTATE_PUBLICATION = "rotate_publication"
    RESUMED = "resumed"
    """One that was killed when its trust bundle was kept and not recorded yet; the next ceremony records it."""
    DISTRUST = "distrust"


class TrustFile(StrEnum):
    """The signed file that a ceremony made."""

    ROOT = "trust/root"
    KEYS = "trust/keys"
    NAMES = "trust/names"
    ROSTER = "signer/roster"


@dataclass(frozen=True, slots=True)
class CeremonyRecord:
    """What is recorded: the file by version and digest, and the keys that the ceremony was about."""

    kind: CeremonyKind
    file: TrustFile
    version: int
    digest: bytes
    keys: tuple[bytes, ...]

    @classmethod
    def of(
        cls, kind: CeremonyKind, file: TrustFile, version: int, data: bytes, keys: Sequence[bytes]
    ) -> "CeremonyRecord":
        """Return the record of a signed file; ``data`` are its bytes."""
        return cls(kind, file, version, sha256(data).digest(), tuple(keys))


def record_ceremony(
    session: Session, actor: Actor, made: CeremonyRecord, *, now: datetime, **more: Any
) -> bool:
    """Record a ceremony, in the caller's transaction, unless its file's version is recorded; return whether it was new.

    ``more`` are counts, instants as text and the like; never a name. Raises ``NotPermitted``.
    """
    require(actor, Act.OPEN_EPOCH, scope=NATIONAL)
    if any((told["file"], told["version"]) == (made.file, made.version) for told in recorded(session)):
        return False
    told: dict[str, Any] = {
        "ceremony": made.kind,
        "file": made.file,
        "version": made.version,
        "sha256": made.digest.hex(),
        "keys": [key_id.hex() for key_id in made.keys],
    }
    record(session, KEY_CEREMONY, SUBJECT, at=now, by=actor.account_id, **told, **more)
    return True


def recorded(session: Session) -> list[dict[str, Any]]:
    """Return what the journal tells of all ceremonies, oldest first."""
    query = select(Event.details).where(Event.act == KEY_CEREMONY, Event.subject == SUBJECT)
    return list(session.scalars(query.order_by(Event.id)))
