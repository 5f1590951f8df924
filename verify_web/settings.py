"""What the public site reads from the environment: the six variables that ``certreg serve`` hands it.

It knows neither the folder of the keys nor the key of the personal data. The defaults are those of the
register.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from signing.errors import FreshnessOutOfBounds
from signing.freshness import Freshness
from verify_web.errors import AgesUnusable


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """Where register, public files, pinned root and the key of the look-up are, and how old a status may be."""

    database_url: str
    public_dir: Path
    root_file: Path
    lookup_key_file: Path
    freshness: Freshness


def load_site_settings(environ: Mapping[str, str]) -> SiteSettings:
    """Read the settings; nothing is opened here. Raises ``AgesUnusable``."""
    return SiteSettings(
        database_url=environ.get("CERTREG_DATABASE_URL", "sqlite:///var/register.sqlite3"),
        public_dir=Path(environ.get("CERTREG_PUBLIC_DIR", "var/public")),
        root_file=Path(environ.get("CERTREG_ROOT_FILE", "var/trusted-root.json")),
        lookup_key_file=Path(environ.get("CERTREG_LOOKUP_KEY_FILE", "var/secrets/lookup.key")),
        freshness=_freshness(environ),
    )


def _freshness(environ: Mapping[str, str]) -> Freshness:
    try:
        return Freshness.from_texts(
            note_days=environ.get("CERTREG_STATUS_NOTE_AGE_DAYS"),
            max_days=environ.get("CERTREG_STATUS_MAX_AGE_DAYS"),
        )
    except FreshnessOutOfBounds:
        raise AgesUnusable from None
