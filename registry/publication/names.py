"""The names behind the codes of a statement, as the public files and the look-up show them.

A code that the directory does not know is shown as a code: never an error, never left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.directory.overview import names_for_bundle
from signing.number import Profile, issuer_key, shown
from signing.statement import Occupation


@dataclass(frozen=True, slots=True)
class Names:
    """Names by code, and the profiles that tell which part of a number is its issuer."""

    profiles: Mapping[int, Profile]
    issuers: Mapping[tuple[int, str], str]
    occupations: Mapping[tuple[int, int], str]
    directions: Mapping[int, str]

    def issuer(self, number: bytes) -> str:
        """Return the body's name of a packed number, or ``CODE:HEX`` if no profile holds it (formats.md §4)."""
        key = issuer_key(number, self.profiles)
        return shown(number, {}) if key is None else self.issuers.get(key, key[1])

    def occupation(self, occupation: Occupation) -> str:
        """Return the occupation's name."""
        return self.occupations.get((occupation.edition, occupation.code), occupation.text)

    def direction(self, code: int | None) -> str | None:
        """Return the direction's name, ``None`` where the occupation has none."""
        return None if code is None else self.directions.get(code, str(code))


def load_names(session: Session, profiles: Mapping[int, Profile]) -> Names:
    """Read the directory's names; a body has the same issuer key under all these profiles."""
    issuers: dict[tuple[int, str], str] = {}
    for code in profiles:
        found = names_for_bundle(session, code)
        issuers.update(found.issuers)
    return Names(profiles, issuers, found.occupations, found.directions)
