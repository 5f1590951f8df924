"""The charter: written once when a register is founded, asked whenever it is opened.

A trial register opened with production's settings would sign in the wrong name; a lost secret that is quietly made anew
would orphan all that was sealed or matched with the old one. Both are refused here, before anything is done; so is a
charter that is not what a founding writes, for SQLite keeps in a column whatever it is given.
"""

import hmac
from datetime import datetime
from hashlib import sha256

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.database.faults import fault_of, storage_fault_of
from registry.foundation.coverage import charter_digest
from registry.foundation.errors import CharterUnreadable, OtherEnvironment
from registry.foundation.tables import Charter
from registry.journal.record import record

ROW = 1
CHECK_BYTES = 16


def write_charter(
    session: Session,
    *,
    environment: str,
    data_key: bytes,
    lookup_key: bytes,
    identity_recipient: str,
    now: datetime,
) -> None:
    """Found the register with these secrets; only their check values are stored."""
    charter = Charter(
        id=ROW,
        environment=environment,
        data_key_check=check_value(data_key),
        lookup_key_check=check_value(lookup_key),
        identity_recipient=identity_recipient,
        founded_at=now,
    )
    session.add(charter)
    record(session, "found", "register", at=now, digest=charter_digest(charter), environment=environment)


def read_charter(session: Session) -> Charter | None:
    """Return the charter, ``None`` for a database that is not founded yet.

    Raises ``CharterUnreadable`` for a row that no founding wrote.
    """
    try:
        charter = session.get(Charter, ROW)
    except (ValueError, TypeError, ArithmeticError):
        unreadable = True
    except DBAPIError as error:
        # A fault of the connection or of the disk is not the row's.
        if fault_of(error) is not None or storage_fault_of(error, writing=False) is not None:
            raise
        unreadable = True
    else:
        unreadable = False
    if unreadable:
        raise CharterUnreadable(None)
    if charter is not None:
        _require_readable(charter)
    return charter


def _require_readable(charter: Charter) -> None:
    for column in Charter.__table__.columns:
        if not isinstance(getattr(charter, column.name), column.type.python_type):
            raise CharterUnreadable(column.name)


def require_environment(charter: Charter | None, environment: str) -> None:
    """Raise ``OtherEnvironment`` unless the register was founded in this one, or is not founded yet."""
    if charter is not None and charter.environment != environment:
        raise OtherEnvironment(charter.environment, environment)


def is_same_secret(check: bytes, secret: bytes) -> bool:
    """Say whether a secret is the one that this check value was made of."""
    return hmac.compare_digest(check, check_value(secret))


def check_value(secret: bytes) -> bytes:
    """Return 16 bytes that tell 32 random bytes from others, and nothing else about them."""
    return hmac.digest(secret, b"certreg/charter/1", sha256)[:CHECK_BYTES]
