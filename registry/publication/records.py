"""What the public may learn of one certificate: exactly the fields of ``PublicRecord``, out of its token."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from registry.certificate.lifecycle import SHOWN_SUSPENDED, Reason, Status
from registry.civil_time import civil_date
from registry.publication.names import Names
from signing.cose import Envelope
from signing.errors import SigningError
from signing.statement import Level, Statement
from signing.token import open_token
from signing.trust import TrustKeys


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """A certificate as a look-up shows it.

    ``direction`` is ``None`` where the occupation has none; ``status`` is *released*, *suspended* or *revoked*;
    ``changed_on`` is the day (Asia/Shanghai) of the change to it, ``None`` while *released*; ``cause`` is the reason
    that was given for it, ``None`` also where the register has none that it knows (after a restore). A suspension that
    is lifted stands, with its own day and cause, until the release that tells the public.
    """

    number: str
    holder_name: str
    occupation: str
    direction: str | None
    level: Level
    issuer: str
    issued_on: date
    status: str
    changed_on: date | None
    cause: Reason | None
    version: int


# What was numbered or signed but never released is not public, and looks like no certificate at all; in the place of
# a superseded version stands the one that superseded it.
PUBLIC = (Status.RELEASED, *SHOWN_SUSPENDED, Status.REVOKED)


class StoredVersion(NamedTuple):
    """What the look-up reads of one version of a certificate, in the order in which it is selected.

    ``changed_at`` is the instant since which it is what the public is told.
    """

    number: str
    version: int | None
    status: str
    changed_at: datetime
    entry: int
    token: bytes | None
    told: Mapping[str, Any] | None


def claimed_name(stored: StoredVersion) -> str:
    """Return the name in the stored token, before any signature is looked at; "" if there is no reading it."""
    try:
        payload = Envelope.from_bytes(stored.token or b"").payload
        return Statement.from_bytes(payload or b"").holder_name
    except SigningError:
        return ""


def verified_record(stored: StoredVersion, names: Names, trust: TrustKeys) -> PublicRecord | None:
    """Return the record of one public version, or ``None`` if its token does not verify or is another's.

    All it says comes out of the verified token, so that a row that somebody wrote into the database is shown to
    nobody; only status, its day and its cause are the register's word.
    """
    try:
        statement = open_token(stored.token or b"", trust)
        number = trust.profiles[statement.number[0]].unpack(statement.number)
    except (SigningError, KeyError):
        return None
    if stored.version is None or (statement.entry, number) != (stored.entry, stored.number):
        return None
    in_force = stored.status == Status.RELEASED
    return PublicRecord(
        number=stored.number,
        holder_name=statement.holder_name,
        occupation=names.occupation(statement.occupation),
        direction=names.direction(statement.direction),
        level=statement.level,
        issuer=names.issuer(statement.number),
        issued_on=statement.issued_on,
        status=Status.SUSPENDED if stored.status in SHOWN_SUSPENDED else stored.status,
        changed_on=None if in_force else civil_date(stored.changed_at),
        cause=None if in_force else _cause(stored.told),
        version=stored.version,
    )


def _cause(told: Mapping[str, Any] | None) -> Reason | None:
    """Return the reason among the details of an event: one of the closed list, or nothing at all."""
    reason = told.get("reason") if isinstance(told, Mapping) else None
    return Reason(reason) if isinstance(reason, str) and reason in set(Reason) else None
