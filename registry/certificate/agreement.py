"""Whether the bytes of an entry say exactly what its confirmed result and its number say.

Asked before anything is signed that this run did not number itself, and by the full check of everything there is.
"""

from datetime import date, datetime
from typing import NamedTuple

from registry.certificate.errors import NotAsConfirmed
from registry.civil_time import civil_date
from registry.directory.profiles import Profiles
from registry.errors import RegistryError
from signing.errors import SigningError
from signing.signed_bytes import statement_of_signed_bytes
from signing.statement import Occupation


class Numbered(NamedTuple):
    """An entry, its number, and the result that it stands for."""

    entry: int
    key_id: bytes
    to_be_signed: bytes
    numbered_at: datetime
    number: str
    profile: int
    holder_name: str
    id_check: int | None
    edition: int
    occupation: int
    direction: int | None
    level: int
    passed: bool
    issued_on: date | None
    corrects: int | None
    returned_at_step: str | None


def require_as_confirmed(numbered: Numbered, profiles: Profiles) -> None:
    """Raise ``NotAsConfirmed`` unless the bytes say exactly what the result and the certificate's number say."""
    # The column may be empty, and the bytes of an entry that waits never are.
    if type(numbered.to_be_signed) is not bytes:
        raise NotAsConfirmed(numbered.entry)
    try:
        statement = statement_of_signed_bytes(numbered.to_be_signed)
        number = profiles.with_code(numbered.profile).packed(numbered.number)
    except (SigningError, RegistryError):
        raise NotAsConfirmed(numbered.entry) from None
    said = (
        statement.entry,
        statement.number,
        statement.holder_name,
        statement.id_check,
        statement.occupation,
        statement.direction,
        int(statement.level),
    )
    confirmed = (
        numbered.entry,
        number,
        numbered.holder_name,
        numbered.id_check,
        Occupation(numbered.edition, numbered.occupation),
        numbered.direction,
        numbered.level,
    )
    # A correction keeps the date of the version before it, so there is nothing in this row to hold it against.
    dated = numbered.corrects is not None or statement.issued_on == (
        numbered.issued_on or civil_date(numbered.numbered_at)
    )
    if said != confirmed or not dated or not numbered.passed or numbered.returned_at_step is not None:
        raise NotAsConfirmed(numbered.entry)
