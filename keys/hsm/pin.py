"""The PIN of an HSM's user, from a file: sealed to the register's identity, or in clear on one line.

Never from a command line or a variable, both of which other processes may see. The file and its folder must be
their owner's alone, as with every secret of this package. A PIN unlocks a key but is none: with the PIN file
alone nobody signs who does not also reach the token.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from keys.durable_files import OWNER_ONLY, make_private_folder, read_private, replace
from keys.errors import KeyFileDamaged
from keys.sealing import Seal, Secret

_AGE_BEGINS: Final = b"age-encryption.org/"
_LONGEST: Final = 255


class Pin(Secret):
    """A PIN that can be used, and says nothing of itself."""

    __slots__ = ("_digits",)

    def __init__(self, digits: str) -> None:
        self._digits: Final = digits

    def reveal(self) -> str:
        """Return the PIN itself, for the login alone."""
        return self._digits


def read_pin(path: Path, seal: Seal) -> Pin:
    """Return the PIN of the file, unsealed if it is sealed.

    Raises ``KeyUnavailable`` or one of its kinds: missing, open to others, sealed to another identity, not one
    line of text.
    """
    pin = _pin_in(path, seal)
    if pin is None:
        raise KeyFileDamaged(path, "does not hold a PIN: one line of text, sealed or in clear")
    return pin


def write_pin(path: Path, pin: Pin, seal: Seal) -> None:
    """Write the PIN, sealed, in the place of the one that may be there; it is on disk when this returns.

    Raises ``KeyFileDamaged`` if it is no line of text.
    """
    sealed = _sealed(pin, seal)
    if sealed is None:
        raise KeyFileDamaged(path, f"a PIN is one line of 1 to {_LONGEST} characters; nothing was written")
    make_private_folder(path.parent)
    replace(path, sealed, mode=OWNER_ONLY)


def _pin_in(path: Path, seal: Seal) -> Pin | None:
    # Frames of their own, here and below, so that the frame which raises holds no secret.
    content = read_private(path)
    plain = seal.unseal(content, path=path) if content.startswith(_AGE_BEGINS) else content
    try:
        digits = plain.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        return None
    return Pin(digits) if _is_one_line(digits) else None


def _sealed(pin: Pin, seal: Seal) -> bytes | None:
    return seal.seal(pin.reveal().encode()) if _is_one_line(pin.reveal()) else None


def _is_one_line(digits: str) -> bool:
    return 0 < len(digits) <= _LONGEST and digits.isprintable()
