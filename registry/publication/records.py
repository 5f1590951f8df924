"""What the public may learn of one certificate: exactly the fields of ``PublicRecord``, read from the signed bytes."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from registry.certificate.lifecycle import Status
from registry.civil_time import civil_date
from registry.publication.names import Names
from signing.signed_bytes import statement_of_signed_bytes
from signing.statement import Level


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """A certificate as a look-up shows it.

    ``direction`` is ``None`` where the occupation has none; ``status`` is *released*, *suspended*, *revoked* or
    *superseded*; ``changed_on`` is the day (Asia/Shanghai) of the last change, ``None`` while *released*.
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
    version: int


# What was numbered or signed but never released is not public, and looks like no certificate at all.
PUBLIC = (Status.RELEASED, Status.SUSPENDED, Status.REVOKED)


class StoredVersion(NamedTuple):
    """What the look-up reads of one version of a certificate, in the order in which it is selected."""

    number: str
    version: int
    status: str
    changed_at: datetime
    to_be_signed: bytes


def public_record(stored: StoredVersion, names: Names) -> PublicRecord:
    """Return the record of one public version; its content comes from the bytes that were signed."""
    statement = statement_of_signed_bytes(stored.to_be_signed)
    changed_at: datetime | None = None if stored.status == Status.RELEASED else stored.changed_at
    return PublicRecord(
        number=stored.number,
        holder_name=statement.holder_name,
        occupation=names.occupation(statement.occupation),
        direction=names.direction(statement.direction),
        level=statement.level,
        issuer=names.issuer(statement.number),
        issued_on=statement.issued_on,
        status=stored.status,
        changed_on=civil_date(changed_at) if changed_at else None,
        version=stored.version,
    )
