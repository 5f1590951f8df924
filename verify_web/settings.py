"""What the public site reads from the environment: the four variables that ``certreg serve`` hands it.

It knows neither the folder of the keys nor the key of the personal data. The defaults are those of the
register.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """Where the register, the public files, the pinned root and the key of the look-up are."""

    database_url: str
    public_dir: Path
    root_file: Path
    lookup_key_file: Path


def load_site_settings(environ: Mapping[str, str]) -> SiteSettings:
    """Read the settings; nothing is opened here."""
    return SiteSettings(
        database_url=environ.get("CERTREG_DATABASE_URL", "sqlite:///var/register.sqlite3"),
        public_dir=Path(environ.get("CERTREG_PUBLIC_DIR", "var/public")),
        root_file=Path(environ.get("CERTREG_ROOT_FILE", "var/trusted-root.json")),
        lookup_key_file=Path(environ.get("CERTREG_LOOKUP_KEY_FILE", "var/secrets/lookup.key")),
    )
