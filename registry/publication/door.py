"""Opening the door: what the public side calls once, at its start."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from registry.database.engine import open_engine
from registry.database.sessions import Sessions
from registry.directory.profiles import load_profiles
from registry.foundation.charter import is_same_secret, read_charter
from registry.foundation.errors import OtherSecret
from registry.personal_data import Matcher, read_secret
from registry.publication.lookup import Lookup
from signing.trust import TrustKeys


def open_lookup(
    database_url: str,
    lookup_key_file: Path,
    *,
    trust: Callable[[], TrustKeys | None],
    now: Callable[[], datetime],
) -> Lookup:
    """Return the look-up of the register at this address; ``trust`` returns the trust bundle that is public now.

    Only the key of the look-up digests is read; the key that opens personal data stays with the register.
    Raises ``DatabaseError``, ``SecretFileUnusable``, or ``OtherSecret`` for a key that matches nothing in it.
    """
    sessions = Sessions(open_engine(database_url))
    secret = read_secret(lookup_key_file)
    charter = sessions.read(read_charter)
    if charter is not None and not is_same_secret(charter.lookup_key_check, secret):
        raise OtherSecret(lookup_key_file, "CERTREG_LOOKUP_KEY_FILE")
    matcher = Matcher(secret)
    layouts = {profile.code: profile for profile in load_profiles().layouts}
    return Lookup(sessions, matcher, layouts, trust=trust, now=now)
