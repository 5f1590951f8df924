"""An installation of the register, opened: its database, its secrets for personal data, its rules as data.

Made at the edges (command line, web server) from the settings, and passed down; nothing below builds its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from registry.database.engine import open_engine
from registry.database.migrate import require_current
from registry.database.sessions import Sessions
from registry.directory.profiles import Profiles, load_profiles
from registry.intake.submission import PersonalKeys
from registry.jurisdiction.rules import Jurisdiction, jurisdictions
from registry.personal_data import Matcher, Sealer, read_secret
from registry.settings import Settings


@dataclass(frozen=True)
class Installation:
    """What a running register works with. Secrets are read when first used, so that reading needs none."""

    settings: Settings
    sessions: Sessions
    profiles: Profiles
    jurisdictions: Mapping[str, Jurisdiction]

    @cached_property
    def personal(self) -> PersonalKeys:
        """The keys of the personal data; raises ``SecretFileUnusable``."""
        data_key = read_secret(self.settings.data_key_file)
        return PersonalKeys(Sealer(data_key), self.matcher)

    @cached_property
    def matcher(self) -> Matcher:
        """The key of the look-up digests alone."""
        return Matcher(read_secret(self.settings.lookup_key_file))

    def require_secrets(self) -> None:
        """Read the secrets now; raises ``SecretFileUnusable``. For a server, which should fail at its start."""
        _ = self.personal


def open_installation(settings: Settings) -> Installation:
    """Open the database and load the rules.

    Raises ``DatabaseError`` for a database that is not there, can not be trusted, or has another shape than this
    program.
    """
    engine = open_engine(settings.database_url, limits=settings.limits)
    require_current(engine)
    return Installation(settings, Sessions(engine), load_profiles(), jurisdictions())
