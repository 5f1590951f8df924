"""What the public may learn of one certificate: exactly the fields of ``PublicRecord``, read from the signed bytes."""

from dataclasses import dataclass
from datetime import date, datetime

from registry.certificate.lifecycle import Status
from registry.certificate.tables import Certificate, Entry
from registry.civil_time import civil_date
from registry.publication.names import Names
from signing.statement import Level
from signing.signed_bytes import statement_of_signed_bytes


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


def public_record(certificate: Certificate, entry: Entry, names: Names) -> PublicRecord:
    """Return the record of one public entry; its content comes from the bytes that were signed."""
    statement = statement_of_signed_bytes(entry.to_be_signed)
    changed_at: datetime | None = None if entry.status == Status.RELEASED else entry.changed_at
    return PublicRecord(
        number=certificate.number,
        holder_name=statement.holder_name,
        occupation=names.occupation(statement.occupation),
        direction=names.direction(statement.direction),
        level=statement.level,
        issuer=names.issuer(statement.number),
        issued_on=statement.issued_on,
        status=entry.status,
        changed_on=civil_date(changed_at) if changed_at else None,
        version=entry.version,
    )
