"""An installation of the register, opened: its database, its secrets for personal data, its rules as data.

Made at the edges (command line, web server) from the settings, and passed down; nothing below builds its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from registry.database.engine import open_engine
from registry.database.errors import DatabaseError
from registry.database.migrate import require_current
from registry.database.sessions import Sessions
from registry.directory.profiles import Profiles, load_profiles
from registry.foundation.charter import is_same_secret, read_charter, require_environment
from registry.foundation.errors import OtherSecret
from registry.foundation.tables import Charter
from registry.intake.submission import PersonalKeys
from registry.jurisdiction.rules import Jurisdiction, jurisdictions
from registry.personal_data import Matcher, Sealer, read_secret
from registry.settings import PREFIX, Settings


@dataclass(frozen=True)
class Installation:
    """What a running register works with. Secrets are read when first used, so that reading needs none."""

    settings: Settings
    sessions: Sessions
    profiles: Profiles
    jurisdictions: Mapping[str, Jurisdiction]
    charter: Charter | None = None

    @cached_property
    def personal(self) -> PersonalKeys:
        """The keys of the personal data; raises ``SecretFileUnusable`` or ``OtherSecret``."""
        check = self.charter.data_key_check if self.charter else None
        return PersonalKeys(Sealer(_founding_secret("data_key_file", self.settings, check)), self.matcher)

    @cached_property
    def matcher(self) -> Matcher:
        """The key of the look-up digests alone."""
        check = self.charter.lookup_key_check if self.charter else None
        return Matcher(_founding_secret("lookup_key_file", self.settings, check))

    def require_secrets(self) -> None:
        """Read the secrets now; raises ``SecretFileUnusable``. For a server, which should fail at its start."""
        _ = self.personal


def open_installation(settings: Settings) -> Installation:
    """Open the database and load the rules.

    Raises ``DatabaseError`` for a database that is not there, can not be trusted, or has another shape than this
    program; ``OtherEnvironment`` for a register of another environment than the settings'.
    """
    engine = open_engine(settings.database_url, limits=settings.limits)
    try:
        require_current(engine)
    except DatabaseError:
        engine.dispose()
        raise
    sessions = Sessions(engine)
    charter = sessions.read(read_charter)
    require_environment(charter, settings.environment)
    return Installation(settings, sessions, load_profiles(), jurisdictions(), charter)


def _founding_secret(name: str, settings: Settings, check: bytes | None) -> bytes:
    """Return a secret if it is the one that the register was founded with."""
    path = getattr(settings, name)
    if check is None:
        return read_secret(path)
    refusal = OtherSecret(path, PREFIX + name.upper())
    if not path.exists():
        raise refusal
    secret = read_secret(path)
    if not is_same_secret(check, secret):
        raise refusal
    return secret
