"""Where keys are kept: what every store does, and the store that is a folder of sealed keys.

The folder holds ``KIND-KEYID.age``, each with ``KIND-KEYID.pub`` beside it; ``keys.hsm`` does the same with a
token. A store makes keys, lists them without any secret, and opens one for a signer. It never overwrites, never
deletes, and refuses a folder that others can enter. It does not know which key may sign what: that is the
trust bundle's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from keys.algorithms import ED25519, MLDSA44
from keys.durable_files import make_private_folder, require_private_folder
from keys.errors import KeyFileDamaged
from keys.key_file import (
    KeyKind,
    algorithm_of,
    open_key_file,
    read_public_part,
    require_at_hand,
    write_key_file,
)
from keys.sealing import Seal
from keys.signer import Signer
from keys.signer.file_signer import FileSigner

_PUBLIC_NAME = re.compile(r"(root|root-mldsa44|certificate|status|custodian|publication)-([0-9a-f]{8})\.pub")


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A key that lies in a store, as far as it is known without opening it."""

    kind: KeyKind
    key_id: bytes
    public: bytes
    made_at: datetime


class Store(Protocol):
    """What makes keys, lists them and opens them for signing; ``seal`` opens what is sealed at rest."""

    def create(self, kind: KeyKind, seal: Seal, *, now: datetime) -> StoredKey:
        """Make a new key; it is durable and was used or read back when this returns."""

    def stored_keys(self, kind: KeyKind | None = None) -> list[StoredKey]:
        """Return the keys (of one kind, or all), oldest first; needs no secret."""

    def signer(self, kind: KeyKind, key_id: bytes, seal: Seal) -> Signer:
        """Return the signer of one key; raises ``KeyUnavailable`` or one of its kinds, and tries no other."""


class KeyStore:
    """The sealed keys of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, kind: KeyKind, seal: Seal, *, now: datetime) -> StoredKey:
        """Make a new key; it is sealed, on disk and was read back when this returns."""
        algorithm = algorithm_of(kind)
        require_at_hand(algorithm, self.folder)
        make_private_folder(self.folder)
        private = algorithm.generate()
        key_id = algorithm.key_id(private.public_key().public_bytes_raw())
        part = write_key_file(self._path(kind, key_id), private, kind=kind, seal=seal, now=now)
        return StoredKey(kind, key_id, part.public, part.made_at)

    def stored_keys(self, kind: KeyKind | None = None) -> list[StoredKey]:
        """Return the keys (of one kind, or all), oldest first; opens none of them.

        Raises ``KeyFileDamaged`` for a public part that is not what its name says. A store that was never
        used is empty.
        """
        if not self.folder.exists():
            return []
        require_private_folder(self.folder)
        names = [match for path in self.folder.iterdir() if (match := _PUBLIC_NAME.fullmatch(path.name))]
        found = [self._stored(KeyKind(match[1]), bytes.fromhex(match[2])) for match in names]
        wanted = [key for key in found if kind is None or key.kind == kind]
        return sorted(wanted, key=lambda key: (key.made_at, key.kind, key.key_id))

    def open(self, kind: KeyKind, key_id: bytes, seal: Seal) -> Ed25519PrivateKey:
        """Return the private key, which is one of Ed25519; for signers of this package alone.

        Raises ``KeyUnavailable`` or one of its kinds: missing, open to others, damaged, of another kind,
        another key.
        """
        self._stored(kind, key_id)
        return open_key_file(self._path(kind, key_id), ED25519, kind=kind, seal=seal)

    def open_mldsa(self, key_id: bytes, seal: Seal) -> MLDSA44PrivateKey:
        """Return the private key of a root holder's ML-DSA-44 key; errors as ``open``."""
        kind = KeyKind.ROOT_MLDSA
        self._stored(kind, key_id)
        return open_key_file(self._path(kind, key_id), MLDSA44, kind=kind, seal=seal)

    def require_opens(self, kind: KeyKind, key_id: bytes, seal: Seal) -> None:
        """Raise what ``open`` raises unless the key, of either algorithm, can be opened."""
        self._stored(kind, key_id)
        open_key_file(self._path(kind, key_id), algorithm_of(kind), kind=kind, seal=seal)

    def signer(self, kind: KeyKind, key_id: bytes, seal: Seal) -> FileSigner:
        """Return the signer of one key; raises what ``open`` raises."""
        return FileSigner.open(self, kind, key_id, seal)

    def __repr__(self) -> str:
        return f"<KeyStore {self.folder}>"

    def __str__(self) -> str:
        """Say where the keys lie."""
        return str(self.folder)

    def _stored(self, kind: KeyKind, key_id: bytes) -> StoredKey:
        path = self._path(kind, key_id)
        part = read_public_part(path)
        if part.key_id != key_id:
            raise KeyFileDamaged(path, "its public part has another key id than its name")
        return StoredKey(kind, key_id, part.public, part.made_at)

    def _path(self, kind: KeyKind, key_id: bytes) -> Path:
        return self.folder / f"{kind}-{key_id.hex()}.age"
