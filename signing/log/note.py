"""Signed notes: a text with signature lines below it, and the keys that sign them (C2SP ``signed-note``).

Three kinds of signature are known here: plain Ed25519 of the log itself, and the two cosignatures of C2SP
``tlog-cosignature``, which say when their signer saw the tree: Ed25519 and ML-DSA-44. Lines of other keys are passed
by, as the specification asks; a line that names a known key and does not hold refuses the whole note.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from typing import Final, Self

from signing import ed25519, mldsa, shape
from signing.errors import BadSignature, Malformed

MAX_NOTE: Final = 1 << 20
"""Bytes; a signature line of ML-DSA-44 has some 3,300."""
MAX_SIGNATURES: Final = 64
KEY_ID_SIZE: Final = 4
STAMP_SIZE: Final = 8
MAX_STAMP: Final = (1 << 63) - 1
MAX_NAME_BYTES: Final = 255

_DASH: Final = "— "
# Unicode's spaces, and the plus, which parts the name from the rest in a verifier key.
_NAME: Final = re.compile(r"[^\s+\x00-\x1f]+")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_LENGTH: Final = {1: 64, 4: STAMP_SIZE + 64, 6: STAMP_SIZE + mldsa.SIGNATURE_SIZE}


class SignatureKind(IntEnum):
    """The first byte of a verifier key's material: what its signatures are."""

    LOG_ED25519 = 1
    COSIGNATURE_ED25519 = 4
    COSIGNATURE_MLDSA44 = 6


@dataclass(frozen=True, slots=True)
class Head:
    """What a checkpoint says of a tree: whose it is, how many leaves, and the root over them."""

    origin: str
    size: int
    root: bytes

    def to_text(self) -> str:
        """Return the note's text: three lines (C2SP ``tlog-checkpoint``)."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a checkpoint's text; ``Malformed``, also for extension lines: our log writes none."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3] or not lines[0]:
            raise Malformed("a checkpoint's text is three lines")
        shape.utf8(lines[0])
        root = decode_base64(lines[2])
        if len(root) != 32:
            raise Malformed("a root has 32 bytes")
        return cls(lines[0], read_decimal(lines[1]), root)


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key that signs notes, admitted when it is made (``InadmissibleKey`` if it can not be).

    ``name`` is the log's origin or the witness's name; ``public`` 32 or 1,312 bytes.
    """

    name: str
    kind: SignatureKind
    public: bytes
    key_id: bytes = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Find the key id and admit the key."""
        name = shape.utf8(self.name)
        if not _NAME.fullmatch(self.name) or len(name) > MAX_NAME_BYTES:
            raise Malformed("a key's name has no spaces and no plus, and at most 255 bytes")
        material = bytes([self.kind]) + self.public
        object.__setattr__(self, "key_id", sha256(name + b"\n" + material).digest()[:KEY_ID_SIZE])
        self._verifier()

    @property
    def vkey(self) -> str:
        """The key as one line of text, ``NAME+ID+MATERIAL``."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Read a line of text; ``Malformed`` or ``InadmissibleKey``."""
        parts = vkey.split("+", 2)
        material = decode_base64(parts[2]) if len(parts) == 3 else b""
        if not material:
            raise Malformed("not a verifier key")
        key = cls(parts[0], read_kind(material[0]), material[1:])
        if parts[1] != key.key_id.hex():
            raise Malformed("the key id is not that of the key")
        return key

    def message(self, head: Head, stamp: int) -> bytes:
        """Return the bytes that a signature of this key is over; ``stamp`` is its time, seconds since 1970."""
        text = head.to_text().encode()
        match self.kind:
            case SignatureKind.LOG_ED25519:
                return text
            case SignatureKind.COSIGNATURE_ED25519:
                return b"cosignature/v1\ntime %d\n%b" % (stamp, text)
            case SignatureKind.COSIGNATURE_MLDSA44:
                return b"".join((
                    b"subtree/v1\n\0", _short(self.name), stamp.to_bytes(8), _short(head.origin),
                    bytes(8), head.size.to_bytes(8), head.root,
                ))  # fmt: skip

    def verify(self, head: Head, signature: bytes) -> int | None:
        """Return when this key signed the head, seconds since 1970 (0 for a log's plain signature).

        ``None`` where its algorithm is not at hand. Raises ``BadSignature``.
        """
        if len(signature) != _LENGTH[self.kind]:
            raise BadSignature
        stamp = 0
        if self.kind is not SignatureKind.LOG_ED25519:
            stamp, signature = int.from_bytes(signature[:STAMP_SIZE]), signature[STAMP_SIZE:]
        if stamp > MAX_STAMP:
            raise BadSignature
        verifier = self._verifier()
        if verifier is None:
            return None
        verifier.verify(signature, self.message(head, stamp))
        return stamp

    def line(self, signature: bytes, stamp: int | None = None) -> str:
        """Return the signature line; ``stamp`` is the time that a cosignature states."""
        stamped = signature if stamp is None else stamp.to_bytes(STAMP_SIZE) + signature
        return f"{_DASH}{self.name} {encode_base64(self.key_id + stamped)}\n"

    def _verifier(self) -> ed25519.PublicKey | mldsa.PublicKey | None:
        if self.kind is SignatureKind.COSIGNATURE_MLDSA44:
            return mldsa.admit(self.public)
        return ed25519.admit(self.public)


@dataclass(frozen=True, slots=True)
class Signed:
    """A line of a note: the name it gives, its key id, and the rest."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it was read; nothing of it is proven."""

    text: str
    signatures: tuple[Signed, ...]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a note; ``Malformed`` if it is none."""
        if len(data) > MAX_NOTE:
            raise Malformed("a note of more than a megabyte")
        try:
            whole = data.decode()
        except UnicodeDecodeError:
            raise Malformed("a note is UTF-8") from None
        if _CONTROL.search(whole):
            raise Malformed("a control character in a note")
        text, gap, lines = whole.rpartition("\n\n")
        if not gap:
            raise Malformed("a note is a text, an empty line and signature lines")
        return cls(text + "\n", read_signatures(lines))

    def verified(self, head: Head, keys: Iterable[NoteKey]) -> Mapping[NoteKey, int]:
        """Return which of these keys signed the head, and when; raises ``BadSignature`` if one's line does not hold."""
        by_line = {(key.name, key.key_id): key for key in keys}
        found: dict[NoteKey, int] = {}
        for line in self.signatures:
            key = by_line.get((line.name, line.key_id))
            stamp = None if key is None else key.verify(head, line.signature)
            if key is not None and stamp is not None:
                found[key] = max(stamp, found.get(key, 0))
        return found


def read_signatures(lines: str) -> tuple[Signed, ...]:
    """Read signature lines, each ended by a newline; ``Malformed``."""
    if not lines.endswith("\n"):
        raise Malformed("a signature line ends with a newline")
    found = []
    for line in lines.removesuffix("\n").split("\n"):
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        content = decode_base64(encoded)
        if not line.startswith(_DASH) or not _NAME.fullmatch(name) or len(content) <= KEY_ID_SIZE:
            raise Malformed("not a signature line")
        found.append(Signed(name, content[:KEY_ID_SIZE], content[KEY_ID_SIZE:]))
    if len(found) > MAX_SIGNATURES:
        raise Malformed(f"more than {MAX_SIGNATURES} signatures")
    return tuple(found)


def encode_base64(data: bytes) -> str:
    """Return base 64 with padding (RFC 4648 §4)."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Read base 64; ``Malformed`` unless ``encode_base64`` would write it."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("not base 64") from None
    if encode_base64(data) != text:
        raise Malformed("not base 64 in its one form")
    return data


def read_kind(code: int) -> SignatureKind:
    """Return the kind of a key; ``Malformed`` for one that is not known here."""
    try:
        return SignatureKind(code)
    except ValueError:
        raise Malformed("a note key of unknown kind") from None


def read_decimal(text: str) -> int:
    """Read a number without leading zeroes; ``Malformed``."""
    if not _DECIMAL.fullmatch(text):
        raise Malformed("not a number in decimal")
    return shape.integer(int(text), 0, MAX_STAMP)


def _short(text: str) -> bytes:
    """Return a text after one byte with its length (RFC 8446 §3.4, ``<1..2^8-1>``)."""
    content = shape.utf8(text)
    if not 1 <= len(content) <= MAX_NAME_BYTES:
        raise Malformed("a name of 1 to 255 bytes")
    return bytes([len(content)]) + content
