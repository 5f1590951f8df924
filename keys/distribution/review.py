"""Metadata as a client sees it: signed by those who may, listed as it is, and about the files at hand.

Every publication is looked at here before it is written, and what a ceremony made before it is kept: an error of
ours must not reach a client, who could only take it for an attack. Expiry is for the client to ask: what root keys
signed too long ago is published all the same, because a revocation must come out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tuf.api import metadata as tuf
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, TargetFile

from keys.distribution.metadata import targets_metadata
from keys.distribution.roles import KEYS_TARGET, LISTED, NAMES_TARGET, Role, metadata_name
from keys.distribution.root_chain import RootLink
from keys.distribution.signatures import read, require_signed
from keys.errors import UnsoundMetadata
from signing.trust import TrustKeys


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A metadata that was verified, with the file's bytes."""

    metadata: Metadata[tuf.Targets]
    data: bytes

    @property
    def version(self) -> int:
        """Its version."""
        return self.metadata.signed.version

    @property
    def targets(self) -> Mapping[str, TargetFile]:
        """The files it answers for, by target path."""
        return self.metadata.signed.targets


def open_targets(data: bytes, link: RootLink, trust: TrustKeys, keys_file: bytes) -> Opened:
    """Return the targets metadata of a ``trust/keys``, signed by the root and saying what that file says."""
    name = str(Role.TARGETS)
    opened = Opened(read(data, tuf.Targets, name, environment=link.root.environment), data)
    require_signed(opened.metadata, Role.TARGETS, name, by=link.metadata.signed)
    # The same file and the same keys, or one of two places would have to be wrong.
    signed = opened.metadata.signed
    wanted = targets_metadata(trust, keys_file, now=trust.made_at).signed
    wanted.expires, wanted.spec_version = signed.expires, signed.spec_version
    if signed != wanted:
        raise UnsoundMetadata(name, f"it is not that of {KEYS_TARGET} version {trust.version}")
    return opened


def open_delegated(
    data: bytes, role: Role, targets: Opened, files: Mapping[str, bytes], *, environment: str
) -> Opened:
    """Return the metadata of a delegated role, signed by its keys and answering for exactly these files."""
    opened = Opened(read(data, tuf.Targets, role, environment=environment), data)
    require_signed(opened.metadata, role, role, by=targets.metadata.signed)
    if opened.metadata.signed.delegations is not None or opened.targets.keys() != files.keys():
        raise UnsoundMetadata(role, "it answers for other files than its own")
    for path, content in files.items():
        require_same(opened.targets[path], content, path)
    return opened


def open_names(data: bytes, targets: Opened, names_file: bytes, *, version: int, environment: str) -> Opened:
    """Return the names metadata of the ``trust/names`` of this version."""
    opened = open_delegated(data, Role.NAMES, targets, {NAMES_TARGET: names_file}, environment=environment)
    if opened.version != version:
        raise UnsoundMetadata(Role.NAMES, f"it says version {opened.version}, the file {version}")
    return opened


def require_snapshot(
    timestamp: bytes, snapshot: bytes, link: RootLink, listed: Mapping[Role, Opened]
) -> None:
    """Raise ``UnsoundMetadata`` unless a client with this root comes from the timestamp to these metadata files."""
    environment = link.root.environment
    opened = open_timestamp(timestamp, link)
    require_same(opened.signed.snapshot_meta, snapshot, metadata_name(Role.SNAPSHOT, opened.signed.version))
    found = read(snapshot, tuf.Snapshot, Role.SNAPSHOT, environment=environment)
    require_signed(found, Role.SNAPSHOT, Role.SNAPSHOT, by=link.metadata.signed)
    if found.signed.version != opened.signed.snapshot_meta.version:
        raise UnsoundMetadata(Role.SNAPSHOT, "it is not the version that the timestamp names")
    if found.signed.meta.keys() != {f"{role}.json" for role in LISTED}:
        raise UnsoundMetadata(Role.SNAPSHOT, "it lists other metadata than there is")
    for role in LISTED:
        meta = found.signed.meta[f"{role}.json"]
        if meta.version != listed[role].version:
            raise UnsoundMetadata(role, f"version {listed[role].version} is not the one listed")
        require_same(meta, listed[role].data, role)


def open_timestamp(data: bytes, link: RootLink) -> Metadata[tuf.Timestamp]:
    """Return a timestamp that the publication keys of this root signed."""
    opened = read(data, tuf.Timestamp, Role.TIMESTAMP, environment=link.root.environment)
    require_signed(opened, Role.TIMESTAMP, Role.TIMESTAMP, by=link.metadata.signed)
    return opened


def require_same(told: MetaFile | TargetFile, data: bytes, name: str) -> None:
    """Raise ``UnsoundMetadata`` unless the file has the length and digest that were told of it."""
    try:
        told.verify_length_and_hashes(data)
        return
    except RepositoryError as fault:
        why = str(fault)
    raise UnsoundMetadata(name, why)
