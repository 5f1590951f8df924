"""One publication: the metadata that the online keys sign, and all files in the order in which they are written.

A publication has one version, that of its status file; status, snapshot and timestamp metadata have the same. What is
written first changes nothing for a client: target files under the names of their digests, metadata under the names
of their versions. The timestamp makes all of it current at once, so a client that comes in between finds the
publication before, whole.

Cost: three signatures beside the status file's own, and some 1.8 KB in three files of metadata.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from keys.distribution.metadata import snapshot_metadata, status_metadata, timestamp_metadata
from keys.distribution.review import Opened, open_delegated, open_timestamp, require_snapshot
from keys.distribution.roles import (
    KEYS_TARGET,
    NAMES_TARGET,
    TIMESTAMP_NAME,
    Role,
    hashed_name,
    metadata_name,
)
from keys.distribution.root_chain import RootLink
from keys.distribution.signatures import require_signed, sign
from keys.errors import UnsoundMetadata
from keys.signer import Signer
from signing.trust import TrustKeys


@dataclass(frozen=True, slots=True, kw_only=True)
class OfflinePart:
    """What ceremonies left to be published: verified, and as it is.

    ``roots`` are all roots by their names in the tree. ``links`` are the roots that a client may have at this moment:
    the newest one that the tree shows, and those that come out with this publication, the last of which is the
    newest; one at least. ``trust`` is what ``keys_file`` says.
    """

    roots: Mapping[str, bytes]
    links: Sequence[RootLink]
    trust: TrustKeys
    keys_file: bytes
    targets: Opened
    names_file: bytes
    names: Opened

    @property
    def environment(self) -> str:
        """The environment of all of it."""
        return self.links[-1].root.environment

    @property
    def files(self) -> Mapping[str, bytes]:
        """The target files by target path."""
        return {KEYS_TARGET: self.keys_file, NAMES_TARGET: self.names_file}


@dataclass(frozen=True, slots=True)
class _Online:
    """What the online keys signed."""

    status: Opened
    snapshot: bytes
    timestamp: bytes


def compose_publication(
    offline: OfflinePart,
    status_files: Mapping[str, bytes],
    *,
    version: int,
    status_signers: Sequence[Signer],
    publication_signers: Sequence[Signer],
    now: datetime,
) -> list[tuple[str, bytes]]:
    """Return the files of a publication, by their names in the public tree and in the order of writing.

    ``status_files`` are the files below ``status/`` by target path. ``publication_signers`` are the keys of the newest
    root, and at a change of them those of the root that the tree still shows. Raises ``UnsoundMetadata`` if a
    client with the newest root would refuse any of it; nothing is written then.
    """
    online = _sign(
        offline,
        status_files,
        version=version,
        status_signers=status_signers,
        publication_signers=publication_signers,
        now=now,
    )
    _require_accepted(offline, online, offline.links[-1])
    targets = {**offline.files, **status_files}
    timestamp = (TIMESTAMP_NAME, online.timestamp)
    roots = list(offline.roots.items())
    return [
        # 1. What nobody asks for yet: every name is that of a digest or a version.
        *((hashed_name(path, data), data) for path, data in targets.items()),
        (metadata_name(Role.TARGETS, offline.targets.version), offline.targets.data),
        (metadata_name(Role.NAMES, offline.names.version), offline.names.data),
        (metadata_name(Role.STATUS, version), online.status.data),
        (metadata_name(Role.SNAPSHOT, version), online.snapshot),
        # 2. The plain copies, for those who read without metadata: a status by a new key must find its key.
        *targets.items(),
        # 3. The timestamp makes it current. New roots come after it if clients with the old one accept it, so that
        #    nobody has a root which does not go with the rest.
        *([timestamp, *roots] if _is_accepted_before(offline, online) else [*roots, timestamp]),
    ]


def published_version(timestamp: bytes | None, newest: RootLink) -> int:
    """Return the version that a tree's ``timestamp.json`` has, 0 without one that the publication keys signed.

    A version that clients have seen must not be given twice, whatever was forgotten here.
    """
    if timestamp is None:
        return 0
    try:
        return open_timestamp(timestamp, newest).signed.version
    except UnsoundMetadata:
        return 0


def _sign(
    offline: OfflinePart,
    status_files: Mapping[str, bytes],
    *,
    version: int,
    status_signers: Sequence[Signer],
    publication_signers: Sequence[Signer],
    now: datetime,
) -> _Online:
    environment = offline.environment
    status = sign(
        status_metadata(status_files, version=version, environment=environment, now=now), status_signers
    )
    opened = open_delegated(status, Role.STATUS, offline.targets, status_files, environment=environment)
    listed = {
        Role.TARGETS: (offline.targets.version, offline.targets.data),
        Role.NAMES: (offline.names.version, offline.names.data),
        Role.STATUS: (version, status),
    }
    snapshot = sign(
        snapshot_metadata(listed, version=version, environment=environment, now=now), publication_signers
    )
    timestamp = sign(
        timestamp_metadata(snapshot, version=version, environment=environment, now=now), publication_signers
    )
    return _Online(opened, snapshot, timestamp)


def _require_accepted(offline: OfflinePart, online: _Online, link: RootLink) -> None:
    """Raise ``UnsoundMetadata`` unless a client with this root takes all of it."""
    require_signed(offline.targets.metadata, Role.TARGETS, Role.TARGETS, by=link.metadata.signed)
    listed = {Role.TARGETS: offline.targets, Role.NAMES: offline.names, Role.STATUS: online.status}
    require_snapshot(online.timestamp, online.snapshot, link, listed)


def _is_accepted_before(offline: OfflinePart, online: _Online) -> bool:
    """Say whether clients with any of the roots before the newest take it, too; not if nobody has one."""
    before = offline.links[:-1]
    try:
        for link in before:
            _require_accepted(offline, online, link)
    except UnsoundMetadata:
        return False
    return bool(before)
