"""From the pinned root to the newest: each root is signed by the one before it and by itself.

By their Ed25519 keys, and by their ML-DSA-44 keys where they name some (``signing.root_mldsa``). The first is the
metadata of the pinned version: signed by the pinned keys, and naming exactly these. What comes after may have other
keys. The newest root's keys are those that ``trust/keys`` is verified with, so a chain that does not hold is refused
whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from tuf.api import metadata as tuf
from tuf.api.metadata import Metadata

from keys.distribution.roles import Role, metadata_name
from keys.distribution.signatures import public_bytes, raw_signatures, read, require_signed
from keys.errors import UnsoundMetadata
from signing.errors import SigningError
from signing.root import Root
from signing.root_mldsa import METADATA_MEMBER, MldsaKeys, may_follow


@dataclass(frozen=True, slots=True, eq=False)
class RootLink:
    """One verified root: as verifiers pin it, its online keys, and its metadata with the file's bytes."""

    root: Root
    publication: frozenset[bytes]
    metadata: Metadata[tuf.Root]
    data: bytes


@lru_cache(maxsize=16)
def read_chain(pinned: Root, files: tuple[bytes, ...]) -> tuple[RootLink, ...]:
    """Return the verified roots from the pinned version on; ``files`` are ``N.root.json`` in that order.

    Without files there is no chain. Raises ``UnsoundMetadata`` if any of them does not follow. Expiry is not asked:
    an expired root may be followed by a new one.
    """
    chain: list[RootLink] = []
    for version, data in enumerate(files, pinned.version):
        before = chain[-1] if chain else None
        chain.append(_link(data, version, pinned, before))
    return tuple(chain)


def open_root(data: bytes, version: int, *, environment: str) -> RootLink:
    """Return the root of this version, if its own keys stand behind it; ``UnsoundMetadata`` otherwise.

    Not checked here: whether anybody trusts these keys. That is the chain's to say.
    """
    name = metadata_name(Role.ROOT, version)
    metadata = read(data, tuf.Root, name, environment=environment)
    # 1. Is it of this version, in the form that we write?
    if metadata.signed.version != version:
        raise UnsoundMetadata(name, f"it says version {metadata.signed.version}")
    if not metadata.signed.consistent_snapshot:
        raise UnsoundMetadata(name, "it is without consistent snapshots")
    # 2. Did its own threshold of keys sign it?
    require_signed(metadata, Role.ROOT, name, by=metadata.signed)
    _require_mldsa(metadata, None, name)
    # 3. Do the same keys answer for trust/keys, and the online ones for nothing but snapshot and timestamp?
    return _opened(metadata, data, name, environment)


def _link(data: bytes, version: int, pinned: Root, before: RootLink | None) -> RootLink:
    link = open_root(data, version, environment=pinned.environment)
    name = metadata_name(Role.ROOT, version)
    # 4. Did the threshold of the root before sign it, or is it the pinned root, with exactly its keys?
    if before is not None:
        require_signed(link.metadata, Role.ROOT, name, by=before.metadata.signed)
        _require_mldsa(link.metadata, before.root.mldsa, name)
    elif not pinned.is_pin_of(link.root):
        raise UnsoundMetadata(name, "it has other keys than the pinned root")
    return link


def _require_mldsa(metadata: Metadata[tuf.Root], before: MldsaKeys | None, name: str) -> None:
    own = _mldsa_keys(metadata.signed, name)
    if not may_follow(before, own, metadata.signed_bytes, raw_signatures(metadata)):
        raise UnsoundMetadata(name, "too few ML-DSA-44 keys signed it, or it names none any more")


def _mldsa_keys(root: tuf.Root, name: str) -> MldsaKeys | None:
    member = root.unrecognized_fields.get(METADATA_MEMBER)
    try:
        return None if member is None else MldsaKeys.from_json(member)
    except SigningError as refusal:
        why = str(refusal)
    raise UnsoundMetadata(name, why)


def _opened(metadata: Metadata[tuf.Root], data: bytes, name: str, environment: str) -> RootLink:
    roles = {
        role: metadata.signed.roles[role] for role in (Role.ROOT, Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP)
    }
    if (roles[Role.ROOT].keyids, roles[Role.ROOT].threshold) != (
        roles[Role.TARGETS].keyids,
        roles[Role.TARGETS].threshold,
    ):
        raise UnsoundMetadata(name, "its targets role is not the root keys'")
    offline = _keys(metadata.signed, Role.ROOT)
    online = frozenset(_keys(metadata.signed, Role.SNAPSHOT))
    if online != frozenset(_keys(metadata.signed, Role.TIMESTAMP)) or not online.isdisjoint(offline):
        raise UnsoundMetadata(name, "its online roles are not those of publication keys alone")
    try:
        root = Root(
            environment,
            metadata.signed.version,
            roles[Role.ROOT].threshold,
            offline,
            _mldsa_keys(metadata.signed, name),
        )
    except SigningError as refusal:
        raise UnsoundMetadata(name, str(refusal)) from None
    return RootLink(root, online, metadata, data)


def _keys(root: tuf.Root, role: Role) -> tuple[bytes, ...]:
    return tuple(public_bytes(root.get_key(key_id)) for key_id in root.roles[role].keyids)
