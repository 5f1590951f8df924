"""The root keys: made once, each on its own medium, and pinned by every verifier.

Two of three sign what all trust rests on. Each lies on a medium of its own (``keys.medium``), with a second key beside
it, of ML-DSA-44, by which the same holder signs the same roots. Root keys sign the register's trust bundle and nothing
that is signed every day.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.algorithms import MLDSA44
from keys.durable_files import PUBLIC, make_folder, replace, write_new
from keys.errors import KeyExists, KeyUnavailable, NotEnoughRoots
from keys.key_file import KeyKind, require_at_hand
from keys.medium import Medium, key_on, require_own_folders, spare_or_new
from keys.signer.file_signer import FileSigner
from keys.signer.mldsa_signer import MldsaSigner
from keys.store import KeyStore
from signing import cose
from signing.errors import UnknownKey
from signing.root import Root
from signing.root_mldsa import MldsaKeys

THRESHOLD: Final = 2


class RootMedium(Medium):
    """Where one root key lies with its ML-DSA-44 key, and what seals them."""

    __slots__ = ()


class RootSigner(FileSigner):
    """Signs with the root key of a medium; the ML-DSA-44 key beside it is opened when it is asked for."""

    __slots__ = ("_medium",)

    def __init__(self, private: Ed25519PrivateKey, medium: RootMedium) -> None:
        super().__init__(private, private.public_key().public_bytes_raw())
        self._medium: Final = medium

    def mldsa(self) -> MldsaSigner:
        """Open the ML-DSA-44 key; raises ``KeyUnavailable`` or one of its kinds, also if the medium has none."""
        stored = key_on(self._medium, KeyKind.ROOT_MLDSA)
        return MldsaSigner(KeyStore(self._medium.folder).open_mldsa(stored.key_id, self._medium.seal))


def create_roots(
    media: Sequence[RootMedium], *, environment: str, now: datetime, threshold: int = THRESHOLD
) -> Root:
    """Make one root key of either algorithm on each medium and return the root of version 1 that verifiers pin.

    Raises, before it makes any, ``KeyExists`` if a medium holds a root key already, ``NotEnoughRoots`` if there are
    fewer media than the threshold, ``KeyUnavailable`` where the library has no ML-DSA-44, ``ValueError`` if a folder is
    given twice. A crash half-way leaves root keys that nothing trusts: clear the media and begin again.
    """
    require_own_folders(media)
    if len(media) < threshold:
        raise NotEnoughRoots(len(media), threshold)
    for medium in media:
        require_at_hand(MLDSA44, medium.folder)
        store = KeyStore(medium.folder)
        if store.stored_keys(KeyKind.ROOT) or store.stored_keys(KeyKind.ROOT_MLDSA):
            raise KeyExists(medium.folder)
    made = _made_on(media, now=now)
    return Root(environment, 1, threshold, tuple(made), MldsaKeys.of(threshold, made))


def next_root(
    root: Root,
    media: Sequence[RootMedium],
    *,
    leaving: Collection[bytes],
    staying: Sequence[RootMedium] = (),
    now: datetime,
) -> Root:
    """Return the root that follows: without the keys of these ids, with one new key of either algorithm on each medium.

    ``staying`` are media of keys that stay, whose seals are known to open them: whoever was made a holder before there
    were ML-DSA-44 keys gets one there. The root names such keys only if every holder has one: with fewer, the loss of
    one medium more could leave too few of them to make a root.

    The keys are on the media when this returns; one that lies there already and that ``root`` does not have is taken,
    so that a ceremony which stopped can be run again. Raises ``KeyExists`` for a medium with a key of ``root``,
    ``KeyUnavailable`` for one with several keys or one that its seal does not open, ``UnknownKey`` for a key that
    ``root`` does not have, ``NotEnoughRoots`` if too few would be left, ``ValueError`` if a folder is given twice.
    """
    require_own_folders(media)
    for key_id in leaving:
        if key_id not in root.verifiers:
            raise UnknownKey(key_id)
    kept = [public for public in root.keys if cose.key_id(public) not in leaving]
    if len(kept) + len(media) < root.threshold:
        raise NotEnoughRoots(len(kept) + len(media), root.threshold)
    for medium in media:
        if any(key.public in root.keys for key in KeyStore(medium.folder).stored_keys(KeyKind.ROOT)):
            raise KeyExists(medium.folder)
    new = _made_on(media, now=now)
    second = {**_second_keys(root, kept, staying, now=now), **new}
    keys = (*kept, *new)
    mldsa = MldsaKeys.of(root.threshold, second) if len(second) == len(keys) else None
    return Root(root.environment, root.version + 1, root.threshold, keys, mldsa)


def open_root(medium: RootMedium) -> RootSigner:
    """Return the signer of the one root key on a medium; raises ``KeyUnavailable`` or one of its kinds."""
    stored = key_on(medium, KeyKind.ROOT)
    return RootSigner(KeyStore(medium.folder).open(KeyKind.ROOT, stored.key_id, medium.seal), medium)


def mldsa_signers(signers: Sequence[RootSigner], *roots: Root) -> list[MldsaSigner]:
    """Open the ML-DSA-44 keys of those holders for whom one of these roots names one.

    Raises ``NotEnoughRoots`` if they are fewer than any of the roots asks for, before any is opened; ``KeyUnavailable``
    or one of its kinds for a medium that has none, or several.
    """
    for keys in (root.mldsa for root in roots if root.mldsa is not None):
        able = {signer.public for signer in signers} & keys.of_holder.keys()
        if len(able) < keys.threshold:
            raise NotEnoughRoots(len(able), keys.threshold, kind="ML-DSA-44 keys of root holders")
    named = {public for root in roots if root.mldsa is not None for public, _ in root.mldsa.keys}
    return [signer.mldsa() for signer in signers if signer.public in named]


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


def _made_on(media: Sequence[RootMedium], *, now: datetime) -> dict[bytes, bytes]:
    """Return the ML-DSA-44 key of each medium by its Ed25519 key; those that are not there yet are made."""
    return {
        spare_or_new(medium, KeyKind.ROOT, now=now).public: spare_or_new(
            medium, KeyKind.ROOT_MLDSA, now=now
        ).public
        for medium in media
    }


def _second_keys(
    root: Root, kept: Collection[bytes], media: Sequence[RootMedium], *, now: datetime
) -> dict[bytes, bytes]:
    """Return the ML-DSA-44 keys of holders who stay, as far as the root names them or their media are here."""
    named = {} if root.mldsa is None else root.mldsa.of_holder
    found = {public: named[public] for public in kept if public in named}
    for medium in media:
        holder = key_on(medium, KeyKind.ROOT).public
        if holder in kept and holder not in found:
            found[holder] = spare_or_new(medium, KeyKind.ROOT_MLDSA, now=now).public
    return found
