"""The register's own keys at work: a new epoch's certificate key, a new status key, and the list of all.

A key is made and sealed first, then named in a draft of ``trust/keys``; it counts when the draft is signed
and kept. A ceremony that stopped in between is run again: a key that is in the store and was never published
is used before another is made, so no stray key is left over.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from keys.key_file import KeyKind
from keys.sealing import Seal
from keys.store import Store, StoredKey
from keys.trust_changes import EPOCH_ENTRIES, require_room_for_epoch, with_epoch, with_status_key
from signing import cose
from signing.root import Root
from signing.trust import KeyEntry, TrustKeys


class KeyState(StrEnum):
    """Whether a key is in use, and if not, why."""

    PINNED = "pinned"
    UNPINNED = "unpinned"
    UNPUBLISHED = "unpublished"
    IN_USE = "in_use"
    RETIRED = "retired"
    DISTRUSTED = "distrusted"


@dataclass(frozen=True, slots=True)
class ListedKey:
    """One key, from the stores and the trust bundle together.

    ``entry`` is what the trust bundle says, ``None`` for root keys and unpublished ones. ``stored`` is the
    key's public part in a store, ``None`` if its private key lies in none of them; ``age_days`` is ``None``
    then.
    """

    kind: str
    key_id: bytes
    state: KeyState
    entry: KeyEntry | None
    stored: StoredKey | None
    age_days: int | None


def open_epoch(
    trust: TrustKeys,
    store: Store,
    seal: Seal,
    *,
    last_on: date,
    now: datetime,
    entries: int = EPOCH_ENTRIES,
    ahead: bool = False,
) -> TrustKeys:
    """Return a draft with the next epoch and its key, which is in the store by then.

    Parameters and refusals as ``keys.trust_changes.with_epoch``; nothing is made if it refuses.
    """
    require_room_for_epoch(trust, ahead=ahead)
    used = trust.keys.keys() | trust.tombstones.keys()
    key = _spare_or_new(KeyKind.CERTIFICATE, used, store, seal, now=now)
    return with_epoch(trust, key.public, last_on=last_on, entries=entries, ahead=ahead)


def add_status_key(trust: TrustKeys, store: Store, seal: Seal, *, now: datetime) -> TrustKeys:
    """Return a draft with one more status key, which is in the store by then."""
    used = trust.keys.keys() | trust.tombstones.keys()
    return with_status_key(trust, _spare_or_new(KeyKind.STATUS, used, store, seal, now=now).public)


def new_publication_key(known: Collection[bytes], store: Store, seal: Seal, *, now: datetime) -> StoredKey:
    """Return a publication key that no root named yet; ``known`` are the public keys of all roots so far."""
    return _spare_or_new(KeyKind.PUBLICATION, {cose.key_id(public) for public in known}, store, seal, now=now)


def list_keys(
    stores: Sequence[Store],
    trust: TrustKeys | None,
    root: Root | None,
    *,
    now: datetime,
    publication: Sequence[Collection[bytes]] = (),
) -> list[ListedKey]:
    """Return every key of the stores and of the trust bundle, root keys first, then by age; opens none.

    ``publication`` are the publication keys that each root named, the newest root last.
    """
    stored = {key.key_id: key for store in stores for key in store.stored_keys()}
    listed = [_listed(key, trust, root, publication, now) for key in stored.values()]
    elsewhere = [key for key in (trust.keys.values() if trust else ()) if key.key_id not in stored]
    for entry in elsewhere:
        listed.append(ListedKey(entry.kind, entry.key_id, _state(entry.key_id, trust), entry, None, None))
    return sorted(listed, key=lambda key: (key.kind != KeyKind.ROOT, -(key.age_days or 0), key.key_id))


def _spare_or_new(
    kind: KeyKind, used: Collection[bytes], store: Store, seal: Seal, *, now: datetime
) -> StoredKey:
    for key in store.stored_keys(kind):
        if key.key_id not in used:
            # A key that can not be opened must never be published.
            store.signer(kind, key.key_id, seal)
            return key
    return store.create(kind, seal, now=now)


def _listed(
    key: StoredKey,
    trust: TrustKeys | None,
    root: Root | None,
    publication: Sequence[Collection[bytes]],
    now: datetime,
) -> ListedKey:
    age_days = (now - key.made_at).days
    if key.kind in (KeyKind.ROOT, KeyKind.ROOT_MLDSA):
        pinned = root is not None and key.public in _named_by(root)
        return ListedKey(
            key.kind, key.key_id, KeyState.PINNED if pinned else KeyState.UNPINNED, None, key, age_days
        )
    if key.kind == KeyKind.PUBLICATION:
        state = _publication_state(key.public, publication)
        return ListedKey(key.kind, key.key_id, state, None, key, age_days)
    entry = trust.keys.get(key.key_id) if trust else None
    return ListedKey(key.kind, key.key_id, _state(key.key_id, trust), entry, key, age_days)


def _named_by(root: Root) -> set[bytes]:
    return {*root.keys, *(() if root.mldsa is None else root.mldsa.of_holder.values())}


def _publication_state(public: bytes, publication: Sequence[Collection[bytes]]) -> KeyState:
    if publication and public in publication[-1]:
        return KeyState.IN_USE
    return KeyState.RETIRED if any(public in named for named in publication) else KeyState.UNPUBLISHED


def _state(key_id: bytes, trust: TrustKeys | None) -> KeyState:
    if trust is None or (key_id not in trust.keys and key_id not in trust.tombstones):
        return KeyState.UNPUBLISHED
    if key_id in trust.tombstones:
        return KeyState.DISTRUSTED
    return KeyState.RETIRED if trust.keys[key_id].retired else KeyState.IN_USE
