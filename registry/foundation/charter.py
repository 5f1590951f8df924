"""The charter: written once when a register is founded, asked whenever it is opened.

A trial register opened with production's settings would sign in the wrong name; a lost secret that is quietly made anew
would orphan all that was sealed or matched with the old one. Both are refused here, before anything is done.
"""

import hmac
from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from registry.foundation.coverage import charter_digest
from registry.foundation.errors import OtherEnvironment
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
    """Return the charter, ``None`` for a database that is not founded yet."""
    return session.get(Charter, ROW)


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
