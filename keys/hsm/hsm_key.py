"""One private key of a token, as something that signs: the token signs, this only asks it to.

The object is looked up when it is first used and after every new session, each time with the attributes that it
must show.
"""

from __future__ import annotations

from typing import Final

from pkcs11.types import Session, SignMixin

from keys.hsm import key_objects
from keys.hsm.key_objects import KeyLabel
from keys.hsm.place import HsmPlace
from keys.hsm.session import HsmSession, ReadPin


class HsmKey:
    """Signs with a key that stays in its token."""

    __slots__ = ("_found", "_label", "_place", "_read_pin", "_session")

    def __init__(self, label: KeyLabel, place: HsmPlace, session: HsmSession, read_pin: ReadPin) -> None:
        self._label: Final = label
        self._place: Final = place
        self._session: Final = session
        self._read_pin: Final = read_pin
        self._found: tuple[Session, SignMixin] | None = None

    def sign(self, data: bytes, /) -> bytes:
        """Return the 64-byte Ed25519 signature.

        Raises ``KeyUnavailable`` or one of its kinds. A session that was lost is opened once more for it, with the
        PIN read again; Ed25519 gives the same signature.
        """
        return self._session.logged_in(
            lambda session: key_objects.sign(self._object(session), data), self._read_pin
        )

    def _object(self, session: Session) -> SignMixin:
        if self._found is None or self._found[0] is not session:
            self._found = session, key_objects.private_key(session, self._label, self._place)
        return self._found[1]

    def __repr__(self) -> str:
        return f"<HsmKey {self._place.key_uri(self._label.name)}>"
