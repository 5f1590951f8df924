"""One private key in one sealed file, with its public part beside it in clear.

``NAME.age`` holds, sealed, the deterministic CBOR ``[1, kind, -19, seed]`` with the 32-byte seed of RFC 8032.
``NAME.pub`` is text: the public key in 64 hex digits, and the instant at which the key was made. The public
part is written last: a key without it does not exist. Refused: files and folders that others can read, an
overwrite, a file whose key is not the one beside it.

Python can not wipe the seed from memory; what holds it lives for the length of one call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.durable_files import OWNER_ONLY, PUBLIC, read_private, require_private_folder, write_new
from keys.errors import KeyExists, KeyFileDamaged, KeyUnavailable
from keys.sealing import Seal
from signing import cbor, cose
from signing.errors import FormatError

_FORMAT = 1
_PUBLIC_PART = re.compile(r"([0-9a-f]{64})\nmade_at=(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)\n", re.ASCII)


class KeyKind(StrEnum):
    """What a private key is for; sealed with it, so that a renamed file is refused."""

    ROOT = "root"
    CERTIFICATE = "certificate"
    STATUS = "status"
    CUSTODIAN = "custodian"
    PUBLICATION = "publication"
    HOLDER = "holder"


@dataclass(frozen=True, slots=True)
class PublicPart:
    """What is known of a key without opening it; ``made_at`` is information only, nothing vouches for it."""

    public: bytes
    made_at: datetime

    @property
    def key_id(self) -> bytes:
        """The 4-byte key id of the public key."""
        return cose.key_id(self.public)


def write_key_file(
    path: Path, private: Ed25519PrivateKey, *, kind: KeyKind, seal: Seal, now: datetime
) -> PublicPart:
    """Write ``NAME.age`` and ``NAME.pub``; both are on disk, and the key was read back, when this returns.

    Raises ``KeyExists``. A crash half-way leaves no public part, so the key was never
    one; what is left under the same name has to be cleared away by hand.
    """
    beside = public_path(path)
    if beside.exists():
        raise KeyExists(beside)
    part = PublicPart(private.public_key().public_bytes_raw(), now.astimezone(UTC).replace(microsecond=0))
    write_new(path, seal.seal(_plain(private, kind)), mode=OWNER_ONLY)
    # A key that can not be opened again must never be published.
    _open_sealed(path, kind, seal, part.public)
    text = f"{part.public.hex()}\nmade_at={part.made_at:%Y-%m-%dT%H:%M:%SZ}\n"
    write_new(beside, text.encode(), mode=PUBLIC)
    return part


def open_key_file(path: Path, *, kind: KeyKind, seal: Seal) -> Ed25519PrivateKey:
    """Return the private key, if the file holds the one that its public part promises, of this kind.

    Raises ``KeyUnavailable`` or one of its kinds; there is no fallback.
    """
    return _open_sealed(path, kind, seal, read_public_part(path).public)


def read_public_part(path: Path) -> PublicPart:
    """Return the public part of the key file; needs no secret."""
    beside = public_path(path)
    require_private_folder(beside.parent)
    try:
        text, why = beside.read_text(encoding="ascii", errors="replace"), None
    except OSError as fault:
        text, why = "", fault.strerror or "not readable"
    if why:
        raise KeyUnavailable(beside, why)
    fields = _PUBLIC_PART.fullmatch(text)
    if fields is None:
        raise KeyFileDamaged(beside, "is not the public part of a key")
    return PublicPart(bytes.fromhex(fields[1]), datetime.fromisoformat(fields[2]))


def public_path(path: Path) -> Path:
    """Return where the public part of a key file lies; ``ValueError`` unless its name ends in ``.age``."""
    if path.suffix != ".age":
        raise ValueError(f"{path}: the name of a key file ends in .age")
    return path.with_suffix(".pub")


def _open_sealed(path: Path, kind: KeyKind, seal: Seal, public: bytes) -> Ed25519PrivateKey:
    # 1. Is the file the owner's alone, and does the seal open it?
    # 2. Does it hold a key of this kind?
    private = _private_key_in(seal.unseal(read_private(path), path=path), kind)
    if private is None:
        raise KeyFileDamaged(path, f"does not hold a {kind} key")
    # 3. Is it the key whose public part lies beside it?
    if private.public_key().public_bytes_raw() != public:
        raise KeyFileDamaged(path, "holds another key than the one beside it")
    return private


def _private_key_in(plain: bytes, kind: KeyKind) -> Ed25519PrivateKey | None:
    # Returns None instead of raising: an error's traceback would hold this frame, and this frame the seed.
    try:
        fields = cbor.decode(plain)
    except FormatError:
        return None
    match fields:
        case [int(version), str(sealed_kind), int(alg), bytes(seed)]:
            if (version, sealed_kind, alg, len(seed)) == (_FORMAT, kind, cose.ALG_ED25519, 32):
                return Ed25519PrivateKey.from_private_bytes(seed)
    return None


def _plain(private: Ed25519PrivateKey, kind: KeyKind) -> bytes:
    return cbor.encode([_FORMAT, str(kind), cose.ALG_ED25519, private.private_bytes_raw()])
