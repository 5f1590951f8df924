"""A whole public tree with a client's eyes: what is current, what older clients may still ask for, and what nobody
published.

Nothing here asks what time it is: an old tree is as sound as it was, and clients refuse it by its expiry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence

from tuf.api import metadata as tuf
from tuf.api.metadata import MetaFile

from keys.distribution.publication import OfflinePart
from keys.distribution.review import open_delegated, open_timestamp, require_same, require_snapshot
from keys.distribution.roles import (
    FOLDER,
    LISTED,
    STATUS_TARGET,
    TIMESTAMP_NAME,
    Role,
    metadata_name,
    role_and_version,
)
from keys.distribution.root_chain import RootLink
from keys.distribution.signatures import read, require_signed
from keys.distribution.spare import Reader, is_distributed, needed_files
from keys.errors import UnsoundMetadata

Fault = tuple[str, str]
"""The name of a file in the tree, and what is wrong with it."""


def tree_faults(
    names: Collection[str], read_file: Reader, offline: OfflinePart, links: Sequence[RootLink]
) -> Iterator[Fault]:
    """Yield what is wrong with a tree; ``links`` are all roots that there were."""
    # 1. Is every root there, and no other?
    for name, data in offline.roots.items():
        if (found := read_file(name)) != data:
            yield name, "it is not there" if found is None else "it is not the keys' own copy"
    # 2. Does a client with the newest root come to what is kept here?
    yield from _current_faults(read_file, offline)
    # 3. Is what the last snapshots name there, as they say?
    needed = set(needed_files(names, read_file))
    for name in sorted(needed):
        yield from _faults_of(name, read_file, links)
    # 4. Is there anything else?
    for name in sorted(set(names) - needed - offline.roots.keys() - {TIMESTAMP_NAME}):
        if is_distributed(name) or name.startswith(FOLDER):
            yield name, "nobody published it"


def _current_faults(read_file: Reader, offline: OfflinePart) -> Iterator[Fault]:
    name = TIMESTAMP_NAME
    try:
        timestamp = _there(read_file, name)
        version = open_timestamp(timestamp, offline.links[-1]).signed.snapshot_meta.version
        snapshot = _there(read_file, metadata_name(Role.SNAPSHOT, version))
        name = metadata_name(Role.STATUS, version)
        status = open_delegated(
            _there(read_file, name),
            Role.STATUS,
            offline.targets,
            {STATUS_TARGET: _there(read_file, STATUS_TARGET)},
            environment=offline.environment,
        )
        name = metadata_name(Role.SNAPSHOT, version)
        listed = {Role.TARGETS: offline.targets, Role.NAMES: offline.names, Role.STATUS: status}
        require_snapshot(timestamp, snapshot, offline.links[-1], listed)
    except UnsoundMetadata as fault:
        yield name, fault.why


def _faults_of(name: str, read_file: Reader, links: Sequence[RootLink]) -> Iterator[Fault]:
    found, data = role_and_version(name), read_file(name)
    if data is None:
        yield name, "it is not there"
    elif found is None:
        digest = name.rpartition("/")[2].partition(".")[0]
        if hashlib.sha256(data).hexdigest() != digest:
            yield name, "it is not what its name says"
    elif found[0] is Role.SNAPSHOT:
        yield from _snapshot_faults(name, data, read_file, links)


def _snapshot_faults(name: str, data: bytes, read_file: Reader, links: Sequence[RootLink]) -> Iterator[Fault]:
    environment = links[-1].root.environment
    try:
        snapshot = read(data, tuf.Snapshot, name, environment=environment)
        _require_signed_by_any(snapshot, name, links)
    except UnsoundMetadata as fault:
        yield name, fault.why
        return
    for role in LISTED:
        meta = snapshot.signed.meta.get(f"{role}.json")
        if meta is not None:
            yield from _listed_faults(metadata_name(role, meta.version), meta, read_file)


def _require_signed_by_any(
    snapshot: tuf.Metadata[tuf.Snapshot], name: str, links: Sequence[RootLink]
) -> None:
    for link in links[:-1]:
        try:
            require_signed(snapshot, Role.SNAPSHOT, name, by=link.metadata.signed)
            return
        except UnsoundMetadata:
            continue
    require_signed(snapshot, Role.SNAPSHOT, name, by=links[-1].metadata.signed)


def _listed_faults(name: str, meta: MetaFile, read_file: Reader) -> Iterator[Fault]:
    data = read_file(name)
    if data is not None:
        try:
            require_same(meta, data, name)
        except UnsoundMetadata as fault:
            yield name, fault.why


def _there(read_file: Reader, name: str) -> bytes:
    data = read_file(name)
    if data is None:
        raise UnsoundMetadata(name, "it is not there")
    return data
