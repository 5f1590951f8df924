"""Where keys lie in an HSM, as one value, and as the one word that a started process is given: RFC 7512's URI.

Needs no library of PKCS#11. Holds the PIN file's path, never a PIN.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

SCHEME: Final = "pkcs11:"

_URI: Final = re.compile(r"pkcs11:token=([^;?&]+)\?module-path=([^;?&]+)&pin-source=file:([^;?&]+)", re.ASCII)

# The register's own settings and libpq's: a module has no business with the database's password.
_NOT_FOR_MODULES: Final = ("CERTREG_", "PG")


@dataclass(frozen=True, slots=True)
class HsmPlace:
    """One token of one module, and the file that holds its user's PIN."""

    module: Path
    token: str
    pin_file: Path

    @property
    def uri(self) -> str:
        """The token's URI, for errors and lists."""
        return f"{SCHEME}token={quote(self.token, safe='')}"

    def key_uri(self, name: str) -> str:
        """Return the URI of a key by its name ``KIND-KEYID``."""
        return f"{self.uri};object={quote(name, safe='')}"

    def __str__(self) -> str:
        """Return the URI with everything in it; ``from_uri`` reads it."""
        module, pin_file = quote(str(self.module.absolute())), quote(str(self.pin_file.absolute()))
        return f"{self.uri}?module-path={module}&pin-source=file:{pin_file}"

    @classmethod
    def from_uri(cls, uri: str) -> HsmPlace:
        """Read what ``str`` wrote; ``ValueError`` for anything else."""
        fields = _URI.fullmatch(uri)
        if fields is None:
            raise ValueError("not the URI of a token with its module and PIN file")
        token, module, pin_file = map(unquote, fields.groups())
        return cls(Path(module), token, Path(pin_file))


def environment_for_modules(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what a started process needs for its module: each vendor finds its files by variables of its own."""
    return {name: value for name, value in environ.items() if not name.startswith(_NOT_FOR_MODULES)}
