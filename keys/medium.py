"""One person's key on one medium: a folder that its custodian carries away, and what seals the key there.

Root keys and custodian keys lie on media, one of a kind on each; a root key has one of ML-DSA-44 beside it. That the
folders given are media which different people keep in different places is their duty; nothing here can see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from keys.errors import KeyUnavailable
from keys.key_file import KeyKind
from keys.sealing import Seal
from keys.signer.file_signer import FileSigner
from keys.store import KeyStore, StoredKey


@dataclass(frozen=True, slots=True)
class Medium:
    """Where one person's key lies, and what seals it."""

    folder: Path
    seal: Seal


def key_on(medium: Medium, kind: KeyKind) -> StoredKey:
    """Return the one key of this kind on a medium, unopened; ``KeyUnavailable`` if there is not just one."""
    keys = KeyStore(medium.folder).stored_keys(kind)
    if len(keys) != 1:
        raise KeyUnavailable(medium.folder, f"holds {len(keys)} {kind} keys, not one")
    return keys[0]


def open_on(medium: Medium, kind: KeyKind) -> FileSigner:
    """Return the signer of the one key on a medium; raises ``KeyUnavailable`` or one of its kinds."""
    return FileSigner.open(KeyStore(medium.folder), kind, key_on(medium, kind).key_id, medium.seal)


def spare_or_new(medium: Medium, kind: KeyKind, *, now: datetime) -> StoredKey:
    """Return the key of this kind that lies on a medium, or make it.

    Raises ``KeyUnavailable`` for a medium with several, or with one that its seal does not open: such a key must never
    be published.
    """
    store = KeyStore(medium.folder)
    if not store.stored_keys(kind):
        return store.create(kind, medium.seal, now=now)
    stored = key_on(medium, kind)
    store.require_opens(kind, stored.key_id, medium.seal)
    return stored


def require_own_folders(media: Sequence[Medium]) -> None:
    """Raise ``ValueError`` if a folder is given twice."""
    folders = [medium.folder.resolve() for medium in media]
    if len(set(folders)) != len(folders):
        raise ValueError("each key needs its own folder")
