"""The pinned root and the files that root keys sign together (formats.md §6).

The root is the one thing that a verifier must get by another way. A file counts when at least ``threshold``
different keys of the root signed it; signatures by other keys are ignored. What the files say is read in
``trust``.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from signing import cbor, cose, ed25519, shape
from signing.cbor_head import ARRAY, head
from signing.cose import Envelope, Kind
from signing.ed25519 import PublicKey
from signing.errors import BadSignature, Malformed, NotSignedByRoot
from signing.root_mldsa import PINNED_MEMBER, MldsaKeys

FORMAT: Final = "certreg-root/1"
MAX_KEYS: Final = 16

_HEX_KEY: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Root:
    """The pinned root: ``keys`` are 32-byte public keys, in the order of the file.

    ``mldsa`` are the ML-DSA-44 keys of some or all of their holders, ``None`` if the root names none. Raises
    ``Malformed`` or ``InadmissibleKey`` if it could not serve as one.
    """

    environment: str
    version: int
    threshold: int
    keys: tuple[bytes, ...]
    mldsa: MldsaKeys | None = None
    verifiers: dict[bytes, PublicKey] = field(init=False, repr=False, compare=False)
    """The admitted keys by key id."""

    def __post_init__(self) -> None:
        """Admit the keys, once."""
        shape.environment(self.environment)
        shape.integer(self.version, 1)
        object.__setattr__(self, "verifiers", {cose.key_id(key): ed25519.admit(key) for key in self.keys})
        if len(self.verifiers) != len(self.keys) or len(self.keys) > MAX_KEYS:
            raise Malformed("a root key twice, or too many")
        shape.integer(self.threshold, 1, len(self.keys))
        if self.mldsa is not None and not self.mldsa.of_holder.keys() <= set(self.keys):
            raise Malformed("an ML-DSA-44 key of nobody who holds a root key")

    def is_pin_of(self, root: "Root") -> bool:
        """Say whether a root has exactly the keys and threshold of this pin, and the ML-DSA-44 keys if it names some.

        A pin that names none says nothing of them: such is the one that a browser goes by.
        """
        same = (set(root.keys), root.threshold) == (set(self.keys), self.threshold)
        return same and self.mldsa in (None, root.mldsa)

    @classmethod
    def from_json(cls, text: str | bytes) -> "Root":
        """Read the JSON file; ``Malformed`` if it is not exactly of the format."""
        try:
            content = json.loads(text, object_pairs_hook=_object)
        except (ValueError, RecursionError):
            raise Malformed("root is not JSON") from None
        if type(content) is not dict or content.keys() - {PINNED_MEMBER} != _MEMBERS:
            raise Malformed("not the members of a root")
        if content["format"] != FORMAT:
            raise Malformed("not a root of this format")
        keys = content["keys"]
        if type(keys) is not list or not all(type(key) is str and _HEX_KEY.fullmatch(key) for key in keys):
            raise Malformed("root keys are not 64 hexadecimal digits")
        public = tuple(bytes.fromhex(key) for key in keys)
        mldsa = MldsaKeys.from_json(content[PINNED_MEMBER]) if PINNED_MEMBER in content else None
        return cls(content["environment"], content["version"], content["threshold"], public, mldsa)

    def to_json(self) -> str:
        """Return the JSON file, with a final newline."""
        content: dict[str, Any] = {
            "format": FORMAT,
            "environment": self.environment,
            "version": self.version,
            "threshold": self.threshold,
            "keys": [key.hex() for key in self.keys],
        }
        if self.mldsa is not None:
            content[PINNED_MEMBER] = self.mldsa.to_json()
        return json.dumps(content, indent=1) + "\n"


_MEMBERS: Final = {"format", "environment", "version", "threshold", "keys"}


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise Malformed("a member twice")
    return content


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A payload with 1 to 16 detached signatures."""

    payload: bytes
    signatures: tuple[Envelope, ...]

    def to_bytes(self) -> bytes:
        """Return the file."""
        count = shape.integer(len(self.signatures), 1, MAX_KEYS)
        signatures = b"".join([envelope.to_bytes() for envelope in self.signatures])
        return b"\x82" + cbor.byte_string(self.payload) + head(ARRAY, count) + signatures

    @classmethod
    def from_bytes(cls, data: bytes) -> "SignedFile":
        """Read a file; ``Malformed`` unless it and every signature in it have exactly our form."""
        payload, signatures = shape.array(cbor.decode(data), 2, 2)
        envelopes = tuple(Envelope.from_value(item) for item in shape.array(signatures, 1, MAX_KEYS))
        if any(envelope.payload is not None for envelope in envelopes):
            raise Malformed("signature is not detached")
        return cls(shape.content(payload), envelopes)

    def signed_by(self, verifiers: Mapping[bytes, PublicKey], environment: str, kind: Kind) -> set[bytes]:
        """Return the ids of those of the given keys whose signature over the payload holds."""
        return {
            envelope.key_id
            for envelope in self.signatures
            if (key := verifiers.get(envelope.key_id)) is not None
            and _holds(key, envelope.signature, envelope.signed_bytes(environment, kind, self.payload))
        }


def open_signed_file(data: bytes, root: Root, kind: Kind) -> bytes:
    """Return the payload if enough different root keys signed it.

    Raises ``Malformed`` or ``NotSignedByRoot`` otherwise.
    """
    file = SignedFile.from_bytes(data)
    signed = file.signed_by(root.verifiers, root.environment, kind)
    if len(signed) < root.threshold:
        raise NotSignedByRoot(signed=len(signed), threshold=root.threshold)
    return file.payload


def _holds(key: PublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed)
    except BadSignature:
        return False
    return True
