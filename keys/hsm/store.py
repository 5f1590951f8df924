"""The keys of a token, in the shape of ``keys.store``: made there, listed without a PIN, opened for a signer.

Never overwrites, never deletes. The PIN is read anew for every login, unsealed by what the caller gives as
``seal``, and kept nowhere.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pkcs11.types import Session

from keys.algorithms import ED25519
from keys.errors import CorruptSignature, HsmKeyDamaged, HsmKeyMissing, KeyExists
from keys.hsm import key_objects
from keys.hsm.hsm_key import HsmKey
from keys.hsm.key_objects import UNFINISHED, KeyLabel
from keys.hsm.pin import Pin, read_pin, write_pin
from keys.hsm.place import HsmPlace
from keys.hsm.session import HsmSession, ReadPin
from keys.key_file import KeyKind, algorithm_of
from keys.sealing import Seal
from keys.signer.hsm_signer import HsmSigner
from keys.store import StoredKey
from signing import cose, ed25519
from signing.errors import VerificationError

# Text, and so never the beginning of a COSE Sig_structure, which is an array: no verifier takes its signature.
PROBE: Final = b"certreg: is this the key that its label promises?"


class HsmStore:
    """The keys of one token."""

    def __init__(self, place: HsmPlace) -> None:
        self.place: Final = place
        self._session: Final = HsmSession.at(place)

    def create(self, kind: KeyKind, seal: Seal, *, now: datetime) -> StoredKey:
        """Let the token make a key; it has signed, and its token says that it can not leave, when this returns.

        Raises ``HsmUnavailable`` or one of its kinds; ``ValueError`` for a kind whose keys are not of Ed25519, as those
        lie on media. A fault or a crash half-way leaves objects of the label ``certreg-unfinished``, which were never a
        key of ours and are cleared away by hand.
        """
        if algorithm_of(kind) is not ED25519:
            raise ValueError(f"a token keeps no {kind} key")
        label, public = self._session.writing(
            lambda session: self._made(session, kind, now), self._pins(seal)
        )
        return StoredKey(label.kind, label.key_id, public, label.made_at)

    def stored_keys(self, kind: KeyKind | None = None) -> list[StoredKey]:
        """Return the keys (of one kind, or all), oldest first; needs no PIN.

        Raises ``HsmUnavailable`` or one of its kinds, and ``HsmKeyDamaged`` for a key that is not what its label
        says, or is there twice.
        """
        found = self._session.unlocked(self._listed)
        wanted = [key for key in found if kind is None or key.kind == kind]
        return sorted(wanted, key=lambda key: (key.made_at, key.kind, key.key_id))

    def signer(self, kind: KeyKind, key_id: bytes, seal: Seal) -> HsmSigner:
        """Return the signer of one key, which has just signed and is confined to its token.

        Raises ``KeyUnavailable`` or one of its kinds, ``CorruptSignature`` if it is not the key whose public part
        lies beside it; tries no other key.
        """
        stored = next((key for key in self.stored_keys(kind) if key.key_id == key_id), None)
        if stored is None:
            missing = f"{kind}-{key_id.hex()}"
            raise HsmKeyMissing(self.place.key_uri(missing), "the token shows no such public key")
        label = KeyLabel(stored.kind, stored.key_id, stored.made_at)
        signer = HsmSigner(HsmKey(label, self.place, self._session, self._pins(seal)), stored.public)
        signer.sign(PROBE)
        return signer

    def keep_pin(self, pin: Pin, seal: Seal) -> None:
        """Write the PIN file, sealed, if the token takes the PIN; the file that may be there is replaced."""
        self._session.close()
        self._session.logged_in(lambda session: None, lambda: pin)
        write_pin(self.place.pin_file, pin, seal)

    def close(self) -> None:
        """Log out; the next use logs in anew."""
        self._session.close()

    def __repr__(self) -> str:
        return f"<HsmStore {self.place.uri}>"

    def __str__(self) -> str:
        """Say where the keys lie."""
        return f"{self.place.uri} ({self.place.module})"

    def _pins(self, seal: Seal) -> ReadPin:
        return lambda: read_pin(self.place.pin_file, seal)

    def _made(self, session: Session, kind: KeyKind, now: datetime) -> tuple[KeyLabel, bytes]:
        # 1. The token makes the pair; it is not a key of ours yet.
        public, private = key_objects.generate(session, self.place)
        unfinished = self.place.key_uri(UNFINISHED)
        # 2. Can the private part never leave?
        key_objects.require_confined(private, unfinished)
        # 3. Is the public part beside it its own?
        shown = key_objects.public_bytes(public)
        if shown is None:
            raise HsmKeyDamaged(unfinished, "the token made a key that is not Ed25519")
        _require_signs(key_objects.sign(private, PROBE), shown)
        # 4. Is its name free?
        label = key_objects.label_of(kind, shown, now=now)
        if any(key.key_id == label.key_id for key in self._listed(session)):
            raise KeyExists(self.place.key_uri(label.name))
        key_objects.name_pair(public, private, label)
        return label, shown

    def _listed(self, session: Session) -> list[StoredKey]:
        found: dict[bytes, StoredKey] = {}
        for label, key in key_objects.public_keys(session):
            public = key_objects.public_bytes(key)
            if public is None or cose.key_id(public) != label.key_id:
                raise HsmKeyDamaged(self.place.key_uri(label.name), "is not the key that its label promises")
            if label.key_id in found:
                raise HsmKeyDamaged(
                    self.place.key_uri(label.name), "the token holds two public keys of this id"
                )
            found[label.key_id] = StoredKey(label.kind, label.key_id, public, label.made_at)
        return list(found.values())


def _require_signs(signature: bytes, public: bytes) -> None:
    try:
        ed25519.admit(public).verify(signature, PROBE)
        return
    except VerificationError:
        key_id = cose.key_id(public)
    raise CorruptSignature(key_id)
