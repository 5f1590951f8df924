"""From where keys lie to the store that keeps them: a folder of sealed files, or a token of an HSM.

The one room that asks which of the two it is. Python-pkcs11 is looked for only when a token is wanted.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from keys.errors import HsmModuleMissing
from keys.hsm.place import SCHEME, HsmPlace
from keys.store import KeyStore, Store

if TYPE_CHECKING:
    from keys.hsm.store import HsmStore

StorePlace = Path | HsmPlace
"""A folder, or a token."""


def store_at(place: StorePlace) -> Store:
    """Return the store; nothing is opened yet. Raises ``HsmModuleMissing`` without python-pkcs11."""
    return hsm_store_at(place) if isinstance(place, HsmPlace) else KeyStore(place)


def hsm_store_at(place: HsmPlace) -> HsmStore:
    """Return the store of a token."""
    try:
        from keys.hsm.store import HsmStore
    except ModuleNotFoundError as fault:
        if (fault.name or "").partition(".")[0] != "pkcs11":
            raise
    else:
        return HsmStore(place)
    raise HsmModuleMissing(
        place.uri, "python-pkcs11 is not installed; it is the extra hsm: pip install '.[hsm]'"
    )


def read_place(text: str) -> StorePlace:
    """Return the place that ``str`` of it names; ``ValueError`` for a URI that names no token."""
    return HsmPlace.from_uri(text) if text.startswith(SCHEME) else Path(text)
