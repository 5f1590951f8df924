"""A key of ours in a token: its two objects, the attributes they are made with, and those they must show.

The private object is made by the token, never leaves it, and signs; that the token says so is asked again at
every opening. Both objects carry CKA_ID (the 4-byte key id) and CKA_LABEL ``KIND-KEYID MADE-AT``, such as
``certificate-1a2b3c4d 20261127T040000Z``; other objects of the token are none of ours and are left alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from pkcs11.constants import Attribute, MechanismFlag, ObjectClass
from pkcs11.exceptions import AttributeTypeInvalid
from pkcs11.mechanisms import KeyType, Mechanism
from pkcs11.types import PublicKey, Session, SignMixin

from keys.errors import HsmKeyDamaged, HsmKeyMissing, KeyExtractable
from keys.hsm.place import HsmPlace
from keys.key_file import KeyKind
from signing import cose

UNFINISHED: Final = "certreg-unfinished"
"""The label of a key that is being made; one that keeps it was never used, and is cleared away by hand."""

# PKCS#11 3.0 names the curve by the object identifier of RFC 8410, id-Ed25519.
_ED25519: Final = bytes.fromhex("06032b6570")
_MADE_AT: Final = "%Y%m%dT%H%M%SZ"
_LABEL: Final = re.compile(r"([a-z]+)-([0-9a-f]{8}) (\d{8}T\d{6}Z)", re.ASCII)
_KINDS: Final = frozenset(KeyKind)

_CONFINED: Final = {
    Attribute.TOKEN: True,
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
}
# What the token adds by itself: made here, and never otherwise than now.
_CONFINED_EVER: Final = {
    **_CONFINED,
    Attribute.LOCAL: True,
    Attribute.ALWAYS_SENSITIVE: True,
    Attribute.NEVER_EXTRACTABLE: True,
}


@dataclass(frozen=True, slots=True)
class KeyLabel:
    """What the label of a key says; ``made_at`` is information only, nothing vouches for it."""

    kind: KeyKind
    key_id: bytes
    made_at: datetime

    @property
    def name(self) -> str:
        """``KIND-KEYID``, as a key file is called."""
        return f"{self.kind}-{self.key_id.hex()}"

    def __str__(self) -> str:
        return f"{self.name} {self.made_at.astimezone(UTC):{_MADE_AT}}"

    @classmethod
    def read(cls, label: str) -> KeyLabel | None:
        """Return what the label says, ``None`` if it is not one of ours."""
        fields = _LABEL.fullmatch(label)
        if fields is None or fields[1] not in _KINDS:
            return None
        try:
            made_at = datetime.strptime(fields[3], _MADE_AT).replace(tzinfo=UTC)
        except ValueError:
            return None
        return cls(KeyKind(fields[1]), bytes.fromhex(fields[2]), made_at)


def generate(session: Session, place: HsmPlace) -> tuple[PublicKey, SignMixin]:
    """Let the token make a key pair, labelled ``UNFINISHED``. Raises ``HsmKeyDamaged`` if it is not for signing."""
    curve = session.create_domain_parameters(KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: _ED25519}, local=True)
    public, private = curve.generate_keypair(
        mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
        store=True,
        label=UNFINISHED,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        public_template={Attribute.PRIVATE: False},
        private_template=_CONFINED,
    )
    if not isinstance(private, SignMixin):
        raise HsmKeyDamaged(place.key_uri(UNFINISHED), "the token made a key that may not sign")
    return public, private


def name_pair(public: PublicKey, private: SignMixin, label: KeyLabel) -> None:
    """Give both objects id and label; the public one's label comes last, and with it the key is there."""
    for key in (private, public):
        key[Attribute.ID] = label.key_id
        key[Attribute.LABEL] = str(label)


def public_keys(session: Session) -> list[tuple[KeyLabel, PublicKey]]:
    """Return the public objects of our keys, each with its label."""
    found = session.get_objects(
        {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.KEY_TYPE: KeyType.EC_EDWARDS}
    )
    labelled = [(_label_on(key), key) for key in found if isinstance(key, PublicKey)]
    return [(label, key) for label, key in labelled if label is not None]


def private_key(session: Session, label: KeyLabel, place: HsmPlace) -> SignMixin:
    """Return the one private object of a key, which is confined to its token.

    Raises ``HsmKeyMissing``, ``HsmKeyDamaged`` if it is there twice, ``KeyExtractable``.
    """
    wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.LABEL: str(label)}
    found = [key for key in session.get_objects(wanted) if isinstance(key, SignMixin)]
    if not found:
        raise HsmKeyMissing(place.key_uri(label.name), "the token holds no such private key")
    if len(found) > 1:
        raise HsmKeyDamaged(place.key_uri(label.name), "the token holds two private keys of this label")
    require_confined(found[0], place.key_uri(label.name))
    return found[0]


def require_confined(key: SignMixin, uri: str) -> None:
    """Raise ``KeyExtractable`` unless the token says that the key was made in it and can not leave it."""
    wrong = [
        attribute.name for attribute, wanted in _CONFINED_EVER.items() if _shown(key, attribute) != wanted
    ]
    if wrong:
        raise KeyExtractable(uri, f"the private key is not confined to its token: {', '.join(wrong)}")


def public_bytes(key: PublicKey) -> bytes | None:
    """Return the 32 bytes of an Ed25519 public key, ``None`` if it is none.

    CKA_EC_POINT is a DER OCTET STRING (PKCS#11 2.40, and SoftHSM), a BIT STRING, or bare, as the module likes.
    """
    point = key[Attribute.EC_POINT]
    for header in (b"\x04\x20", b"\x03\x21\x00", b""):
        if len(point) == len(header) + 32 and point.startswith(header):
            return bytes(point[-32:])
    return None


def sign(key: SignMixin, data: bytes) -> bytes:
    """Return the token's Ed25519 signature."""
    return bytes(key.sign(data, mechanism=Mechanism.EDDSA))


def label_of(kind: KeyKind, public: bytes, *, now: datetime) -> KeyLabel:
    """Return the label of a key that was just made."""
    return KeyLabel(kind, cose.key_id(public), now.astimezone(UTC).replace(microsecond=0))


def _label_on(key: PublicKey) -> KeyLabel | None:
    try:
        return KeyLabel.read(key[Attribute.LABEL])
    except UnicodeDecodeError:
        # Somebody else's: PKCS#11 wants UTF-8, and not everybody writes it.
        return None


def _shown(key: SignMixin, attribute: Attribute) -> object:
    try:
        return key[attribute]
    except AttributeTypeInvalid:
        return None
