"""The root keys: made once, each on its own medium, and pinned by every verifier.

Two of three sign what all trust rests on. Each lies alone on its medium (``keys.medium``). Root keys sign the
register's trust bundle and nothing that is signed every day.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from keys.durable_files import PUBLIC, make_folder, replace, write_new
from keys.errors import KeyExists, KeyUnavailable, NotEnoughRoots
from keys.key_file import KeyKind
from keys.medium import Medium, open_on, require_own_folders, spare_or_new
from keys.signer.file_signer import FileSigner
from keys.store import KeyStore
from signing import cose
from signing.errors import UnknownKey
from signing.root import Root

THRESHOLD: Final = 2


class RootMedium(Medium):
    """Where one root key lies, and what seals it."""

    __slots__ = ()


def create_roots(
    media: Sequence[RootMedium], *, environment: str, now: datetime, threshold: int = THRESHOLD
) -> Root:
    """Make one root key on each medium and return the root of version 1 that verifiers pin.

    Raises ``KeyExists`` before it makes any, if a medium holds a root key already; ``NotEnoughRoots`` if
    there are fewer media than the threshold; ``ValueError`` if a folder is given twice. A crash half-way
    leaves root keys that nothing trusts: clear the media and begin again.
    """
    require_own_folders(media)
    if len(media) < threshold:
        raise NotEnoughRoots(len(media), threshold)
    for medium in media:
        if KeyStore(medium.folder).stored_keys(KeyKind.ROOT):
            raise KeyExists(medium.folder)
    made = [KeyStore(medium.folder).create(KeyKind.ROOT, medium.seal, now=now) for medium in media]
    return Root(environment, 1, threshold, tuple(key.public for key in made))


def next_root(root: Root, media: Sequence[RootMedium], *, leaving: Collection[bytes], now: datetime) -> Root:
    """Return the root that follows: without the keys of these ids, with one new key on each medium.

    The keys are on the media when this returns; one that lies there already and that ``root`` does not have is taken,
    so that a ceremony which stopped can be run again. Raises ``KeyExists`` for a medium with a key of ``root``,
    ``KeyUnavailable`` for one with several keys or one that its seal does not open, ``UnknownKey`` for a key that
    ``root`` does not have, ``NotEnoughRoots`` if too few would be left, ``ValueError`` if a folder is given twice.
    """
    require_own_folders(media)
    for key_id in leaving:
        if key_id not in root.verifiers:
            raise UnknownKey(key_id)
    staying = [public for public in root.keys if cose.key_id(public) not in leaving]
    if len(staying) + len(media) < root.threshold:
        raise NotEnoughRoots(len(staying) + len(media), root.threshold)
    for medium in media:
        if any(key.public in root.keys for key in KeyStore(medium.folder).stored_keys(KeyKind.ROOT)):
            raise KeyExists(medium.folder)
    new = [spare_or_new(medium, KeyKind.ROOT, now=now).public for medium in media]
    return Root(root.environment, root.version + 1, root.threshold, (*staying, *new))


def open_root(medium: RootMedium) -> FileSigner:
    """Return the signer of the one root key on a medium; raises ``KeyUnavailable`` or one of its kinds."""
    return open_on(medium, KeyKind.ROOT)


def write_pinned_root(path: Path, root: Root) -> None:
    """Write the JSON file that verifiers pin; never overwrites (``KeyExists``)."""
    make_folder(path.parent)
    write_new(path, root.to_json().encode(), mode=PUBLIC)


def renew_pinned_root(path: Path, root: Root) -> None:
    """Put a later root in the place of the one that is pinned; who pinned that one follows the chain."""
    replace(path, root.to_json().encode(), mode=PUBLIC)


def read_pinned_root(path: Path) -> Root:
    """Read the JSON file; ``KeyUnavailable`` if it can not be read, a ``SigningError`` if it is no root."""
    try:
        return Root.from_json(path.read_bytes())
    except OSError as fault:
        raise KeyUnavailable(path, fault.strerror or "not readable") from None
