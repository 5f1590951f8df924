"""One private key in one sealed file, with its public part beside it in clear.

``NAME.age`` holds, sealed, the deterministic CBOR ``[1, kind, alg, seed]`` with the algorithm's COSE number (-19
Ed25519, -48 ML-DSA-44) and the key's 32-byte seed. ``NAME.pub`` is text: the public key in 64 or 2,624 hex digits, and
the instant at which the key was made. The public part is written last: a key without it does not exist. Refused:
files and folders that others can read, an overwrite, a file whose key is not the one beside it.

Python can not wipe the seed from memory; what holds it lives for the length of one call.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from keys.algorithms import ED25519, MLDSA44, SEED_SIZE, Algorithm, Private, PrivateT
from keys.durable_files import OWNER_ONLY, PUBLIC, read_private, require_private_folder, write_new
from keys.errors import KeyExists, KeyFileDamaged, KeyUnavailable
from keys.sealing import Seal
from signing import cbor
from signing.errors import FormatError

_FORMAT = 1
_PUBLIC_PART = re.compile(
    r"([0-9a-f]{64}|[0-9a-f]{2624})\nmade_at=(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)\n", re.ASCII
)


class KeyKind(StrEnum):
    """What a private key is for; sealed with it, so that a renamed file is refused."""

    ROOT = "root"
    ROOT_MLDSA = "root-mldsa44"
    CERTIFICATE = "certificate"
    STATUS = "status"
    CUSTODIAN = "custodian"
    PUBLICATION = "publication"
    HOLDER = "holder"


def algorithm_of(kind: KeyKind) -> Algorithm[Private]:
    """Return the algorithm of the keys of a kind."""
    return MLDSA44 if kind is KeyKind.ROOT_MLDSA else ED25519


@dataclass(frozen=True, slots=True)
class PublicPart:
    """What is known of a key without opening it; ``made_at`` is information only, nothing vouches for it."""

    public: bytes
    made_at: datetime

    @property
    def key_id(self) -> bytes:
        """The 4-byte key id of the public key."""
        algorithm = MLDSA44 if len(self.public) == MLDSA44.public_size else ED25519
        return algorithm.key_id(self.public)


def write_key_file(path: Path, private: Private, *, kind: KeyKind, seal: Seal, now: datetime) -> PublicPart:
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
    _open_sealed(path, algorithm_of(kind), kind, seal, part.public)
    text = f"{part.public.hex()}\nmade_at={part.made_at:%Y-%m-%dT%H:%M:%SZ}\n"
    write_new(beside, text.encode(), mode=PUBLIC)
    return part


def open_key_file(path: Path, algorithm: Algorithm[PrivateT], *, kind: KeyKind, seal: Seal) -> PrivateT:
    """Return the private key, if the file holds the one that its public part promises, of this kind and algorithm.

    Raises ``KeyUnavailable`` or one of its kinds; there is no fallback.
    """
    return _open_sealed(path, algorithm, kind, seal, read_public_part(path).public)


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


def require_at_hand(algorithm: Algorithm[Private], path: Path) -> None:
    """Raise ``KeyUnavailable`` where the library does not have the algorithm that a key at this place is of."""
    if not algorithm.is_at_hand():
        raise KeyUnavailable(path, "the library `cryptography` that is installed here has no ML-DSA-44")


def public_path(path: Path) -> Path:
    """Return where the public part of a key file lies; ``ValueError`` unless its name ends in ``.age``."""
    if path.suffix != ".age":
        raise ValueError(f"{path}: the name of a key file ends in .age")
    return path.with_suffix(".pub")


def _open_sealed(
    path: Path, algorithm: Algorithm[PrivateT], kind: KeyKind, seal: Seal, public: bytes
) -> PrivateT:
    # 1. Is the algorithm at hand, the file the owner's alone, and does the seal open it?
    require_at_hand(algorithm, path)
    # 2. Does it hold a key of this kind?
    private = _private_key_in(seal.unseal(read_private(path), path=path), algorithm, kind)
    if private is None:
        raise KeyFileDamaged(path, f"does not hold a {kind} key")
    # 3. Is it the key whose public part lies beside it?
    if private.public_key().public_bytes_raw() != public:
        raise KeyFileDamaged(path, "holds another key than the one beside it")
    return private


def _private_key_in(plain: bytes, algorithm: Algorithm[PrivateT], kind: KeyKind) -> PrivateT | None:
    # Returns None instead of raising: an error's traceback would hold this frame, and this frame the seed.
    try:
        fields = cbor.decode(plain)
    except FormatError:
        return None
    match fields:
        case [int(version), str(sealed_kind), int(alg), bytes(seed)]:
            if (version, sealed_kind, alg, len(seed)) == (_FORMAT, kind, algorithm.cose_id, SEED_SIZE):
                return algorithm.from_seed(seed)
    return None


def _plain(private: Private, kind: KeyKind) -> bytes:
    return cbor.encode([_FORMAT, str(kind), algorithm_of(kind).cose_id, private.private_bytes_raw()])
