"""The private keys of one signer of notes, the log or a witness: Ed25519 and ML-DSA-44, in one sealed file.

``NAME.age`` holds, sealed, the deterministic CBOR ``[1, signer, ed25519 seed, mldsa seed]``, each seed of 32 bytes
(RFC 8032, FIPS 204) and drawn by itself: whoever learns one learns nothing of the other. ``NAME.vkeys`` is text, the
two verifier keys of C2SP ``signed-note``, a line each; the name by which others know the signer is in them and nowhere
else. It is written last: keys without it do not exist. Refused: files and folders that others can read, an overwrite,
keys that are not those beside them, and a stranger's bytes: these keys sign the head of a tree and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from keys.durable_files import (
    OWNER_ONLY,
    PUBLIC,
    make_private_folder,
    read_private,
    require_private_folder,
    write_new,
)
from keys.errors import CorruptSignature, KeyExists, KeyFileDamaged, KeyUnavailable
from keys.sealing import Seal, Secret
from signing import cbor, shape
from signing.errors import BadSignature, FormatError, InadmissibleKey, Malformed
from signing.log.note import MAX_STAMP, Head, NoteKey, SignatureKind, read_signatures

_FORMAT: Final = 1
_SEED_SIZE: Final = 32


class NoteSigner(StrEnum):
    """Who signs; sealed with the keys, so that a renamed file is refused."""

    LOG = "log"
    WITNESS = "witness"


KINDS: Final[Mapping[NoteSigner, tuple[SignatureKind, SignatureKind]]] = MappingProxyType({
    NoteSigner.LOG: (SignatureKind.LOG_ED25519, SignatureKind.COSIGNATURE_MLDSA44),
    NoteSigner.WITNESS: (SignatureKind.COSIGNATURE_ED25519, SignatureKind.COSIGNATURE_MLDSA44),
})  # fmt: skip
"""What each signer's two keys are, in the order in which they are written."""

Private = Ed25519PrivateKey | MLDSA44PrivateKey
Privates = tuple[Ed25519PrivateKey, MLDSA44PrivateKey]


class NoteKeys(Secret):
    """The opened keys of the log or of a witness. ``name`` is the log's origin, or the witness's name."""

    __slots__ = ("_privates", "keys", "name")

    def __init__(self, name: str, signer: NoteSigner, privates: Privates) -> None:
        """Hold the keys; ``Malformed`` for a name that no key can have."""
        self._privates: Final = privates
        self.name: Final = name
        self.keys: Final = _public_keys(name, signer, privates)

    @classmethod
    def create(cls, path: Path, signer: NoteSigner, name: str, seal: Seal) -> NoteKeys:
        """Make two keys in the file ``path`` (``NAME.age``), which were read back when this returns.

        Raises ``KeyExists``, ``Malformed`` for the name, ``KeyUnavailable`` where the library has no ML-DSA-44. A crash
        half-way leaves no public part, so the keys never were any.
        """
        beside = vkeys_path(path)
        if beside.exists():
            raise KeyExists(beside)
        made = cls(name, signer, _new_privates(path))
        make_private_folder(path.parent)
        write_new(path, seal.seal(_plain(signer, made._privates)), mode=OWNER_ONLY)
        # Keys that can not be opened again must never be published.
        _open_sealed(path, signer, seal, made.keys)
        write_new(beside, vkeys_text(made.keys).encode(), mode=PUBLIC)
        return made

    @classmethod
    def open(cls, path: Path, signer: NoteSigner, seal: Seal) -> NoteKeys:
        """Open the keys, if the file holds those that its public part promises, of this signer.

        Raises ``KeyUnavailable`` or one of its kinds; there is no fallback.
        """
        keys = read_vkeys(path)
        if tuple(key.kind for key in keys) != KINDS[signer]:
            raise KeyFileDamaged(path, f"the public part beside it is not that of a {signer}")
        return cls(keys[0].name, signer, _open_sealed(path, signer, seal, keys))

    def sign(self, head: Head, *, stamp: int) -> str:
        """Return the signature lines of both keys for a head, each of them verified.

        ``stamp`` is the time that a cosignature states, in seconds since 1970; the log's Ed25519 line carries none.
        Raises ``CorruptSignature``.
        """
        shape.integer(stamp, 0, MAX_STAMP)
        privates: tuple[Private, ...] = self._privates
        lines = []
        for key, private in zip(self.keys, privates, strict=True):
            line = _line(key, private, head, stamp)
            if line is None:
                raise CorruptSignature(key.key_id)
            lines.append(line)
        return "".join(lines)

    def __repr__(self) -> str:
        return f"<NoteKeys {self.name}>"


def read_vkeys(path: Path) -> tuple[NoteKey, ...]:
    """Return the two public keys beside the key file ``path``; needs no secret.

    Raises ``KeyUnavailable`` or one of its kinds.
    """
    beside = vkeys_path(path)
    require_private_folder(beside.parent)
    try:
        text, why = beside.read_bytes().decode(errors="replace"), None
    except OSError as fault:
        text, why = "", fault.strerror or "not readable"
    if why:
        raise KeyUnavailable(beside, why)
    try:
        return parse_vkeys(text)
    except (Malformed, InadmissibleKey) as fault:
        why = str(fault)
    raise KeyFileDamaged(beside, f"is not the public part of a log's or a witness's keys: {why}")


def parse_vkeys(text: str) -> tuple[NoteKey, ...]:
    """Read the two lines of one signer's public keys; ``Malformed`` or ``InadmissibleKey``."""
    keys = tuple(map(NoteKey.parse, text.removesuffix("\n").split("\n")))
    if tuple(key.kind for key in keys) not in KINDS.values() or len({key.name for key in keys}) != 1:
        raise Malformed("not two keys of one log or witness")
    return keys


def vkeys_text(keys: tuple[NoteKey, ...]) -> str:
    """Return what ``parse_vkeys`` reads."""
    return "".join(f"{key.vkey}\n" for key in keys)


def vkeys_path(path: Path) -> Path:
    """Return where the public part of a key file lies; ``ValueError`` unless its name ends in ``.age``."""
    if path.suffix != ".age":
        raise ValueError(f"{path}: the name of a key file ends in .age")
    return path.with_suffix(".vkeys")


def _new_privates(path: Path) -> Privates:
    try:
        return Ed25519PrivateKey.generate(), MLDSA44PrivateKey.generate()
    except UnsupportedAlgorithm:
        pass
    raise KeyUnavailable(path, "the installed cryptography has no ML-DSA-44")


def _public_keys(name: str, signer: NoteSigner, privates: Privates) -> tuple[NoteKey, NoteKey]:
    first, second = KINDS[signer]
    classical, postquantum = (private.public_key().public_bytes_raw() for private in privates)
    return NoteKey(name, first, classical), NoteKey(name, second, postquantum)


def _line(key: NoteKey, private: Private, head: Head, stamp: int) -> str | None:
    """Return a line that verifies, ``None`` instead of one that does not: an error's frame would hold it."""
    stated = None if key.kind is SignatureKind.LOG_ED25519 else stamp
    line = key.line(private.sign(key.message(head, stamp)), stated)
    (written,) = read_signatures(line)
    try:
        verified_at = key.verify(head, written.signature)
    except BadSignature:
        return None
    return line if verified_at == (stated or 0) else None


def _open_sealed(path: Path, signer: NoteSigner, seal: Seal, public: tuple[NoteKey, ...]) -> Privates:
    # 1. Is the file the owner's alone, and does the seal open it?
    # 2. Does it hold the keys of such a signer?
    privates = _privates_in(seal.unseal(read_private(path), path=path), signer)
    if privates is None:
        raise KeyFileDamaged(path, f"does not hold the keys of a {signer}")
    # 3. Are they those whose public part lies beside it?
    if _public_keys(public[0].name, signer, privates) != public:
        raise KeyFileDamaged(path, "holds other keys than those beside it")
    return privates


def _privates_in(plain: bytes, signer: NoteSigner) -> Privates | None:
    # Returns None instead of raising: an error's traceback would hold this frame, and this frame the seeds.
    try:
        fields = cbor.decode(plain)
    except FormatError:
        return None
    match fields:
        case [int(version), str(sealed_for), bytes(classical), bytes(postquantum)]:
            sizes = {len(classical), len(postquantum)}
            if (version, sealed_for, sizes) == (_FORMAT, signer, {_SEED_SIZE}):
                return (
                    Ed25519PrivateKey.from_private_bytes(classical),
                    MLDSA44PrivateKey.from_seed_bytes(postquantum),
                )
    return None


def _plain(signer: NoteSigner, privates: Privates) -> bytes:
    return cbor.encode([_FORMAT, str(signer), *(private.private_bytes_raw() for private in privates)])
