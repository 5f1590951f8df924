"""Composing metadata: values in, unsigned metadata out. Every metadata names its environment and when it expires.

Nothing is counted here: a version is that of the file it is about. ``targets`` has the version of
``trust/keys``, ``names`` that of ``trust/names``; ``status``, ``snapshot`` and ``timestamp`` have the version of the
status file that they were made for, which is remembered beside the keys and never given twice. Only ``root`` has
a count of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from securesystemslib.signer import SSlibKey
from tuf.api import metadata as tuf
from tuf.api.metadata import DelegatedRole, Delegations, Metadata, MetaFile, TargetFile

from keys.distribution.roles import ENVIRONMENT, KEYS_TARGET, LASTS, NAMES_TARGET, PATHS, Role
from keys.distribution.signatures import metadata_key
from keys.trust_changes import whole_seconds
from signing import custody
from signing.cose import Kind
from signing.root import Root
from signing.root_mldsa import METADATA_MEMBER
from signing.trust import TrustKeys, TrustNames

_HASHES: Final = ["sha256"]


def root_metadata(root: Root, publication: Sequence[bytes], *, now: datetime) -> Metadata[tuf.Root]:
    """Return the root metadata of a root's version; ``publication`` are the online keys of snapshot and timestamp."""
    offline = [metadata_key(public) for public in root.keys]
    online = [metadata_key(public) for public in publication]
    roles = {
        Role.ROOT: tuf.Role(_ids(offline), root.threshold),
        Role.TARGETS: tuf.Role(_ids(offline), root.threshold),
        Role.SNAPSHOT: tuf.Role(_ids(online), 1),
        Role.TIMESTAMP: tuf.Role(_ids(online), 1),
    }
    made = tuf.Root(
        keys={key.keyid: key for key in (*offline, *online)},
        roles={str(role): value for role, value in roles.items()},
        consistent_snapshot=True,
        **_heading(Role.ROOT, root.version, root.environment, now),
    )
    if root.mldsa is not None:
        made.unrecognized_fields[METADATA_MEMBER] = root.mldsa.to_json()
    return Metadata(made)


def targets_metadata(trust: TrustKeys, keys_file: bytes, *, now: datetime) -> Metadata[tuf.Targets]:
    """Return the targets metadata of a ``trust/keys``: the file, and the keys of those who answer for the others."""
    custodians = [metadata_key(trust.keys[key_id].public) for key_id in sorted(trust.custodians)]
    status = [metadata_key(public) for public in status_keys(trust)]
    roles = [
        _delegated(Role.NAMES, custodians, custody.THRESHOLD),
        _delegated(Role.STATUS, status, 1),
    ]
    delegations = Delegations(
        keys={key.keyid: key for key in (*custodians, *status)}, roles={role.name: role for role in roles}
    )
    return _targets(
        {KEYS_TARGET: keys_file}, delegations, **_heading(Role.TARGETS, trust.version, trust.environment, now)
    )


def names_metadata(names: TrustNames, names_file: bytes, *, now: datetime) -> Metadata[tuf.Targets]:
    """Return the names metadata of a ``trust/names``."""
    heading = _heading(Role.NAMES, names.version, names.environment, now)
    return _targets({NAMES_TARGET: names_file}, None, **heading)


def status_metadata(
    files: Mapping[str, bytes], *, version: int, environment: str, now: datetime
) -> Metadata[tuf.Targets]:
    """Return the status metadata over the files below ``status/``, by their target paths."""
    return _targets(files, None, **_heading(Role.STATUS, version, environment, now))


def snapshot_metadata(
    listed: Mapping[Role, tuple[int, bytes]], *, version: int, environment: str, now: datetime
) -> Metadata[tuf.Snapshot]:
    """Return the snapshot that lists these metadata files with their versions, lengths and digests."""
    meta = {
        f"{role}.json": MetaFile.from_data(listed_version, data, _HASHES)
        for role, (listed_version, data) in listed.items()
    }
    return Metadata(tuf.Snapshot(meta=meta, **_heading(Role.SNAPSHOT, version, environment, now)))


def timestamp_metadata(
    snapshot: bytes, *, version: int, environment: str, now: datetime
) -> Metadata[tuf.Timestamp]:
    """Return the timestamp of the snapshot of the same version."""
    meta = MetaFile.from_data(version, snapshot, _HASHES)
    return Metadata(tuf.Timestamp(snapshot_meta=meta, **_heading(Role.TIMESTAMP, version, environment, now)))


def status_keys(trust: TrustKeys) -> list[bytes]:
    """Return the status keys in good standing, in the order of their key ids."""
    standing = [
        key
        for key in trust.keys.values()
        if key.kind == Kind.STATUS and not key.retired and key.key_id not in trust.tombstones
    ]
    return [key.public for key in sorted(standing, key=lambda key: key.key_id)]


def _targets(
    files: Mapping[str, bytes], delegations: Delegations | None, **heading: Any
) -> Metadata[tuf.Targets]:
    targets = {path: TargetFile.from_data(path, data, _HASHES) for path, data in files.items()}
    return Metadata(tuf.Targets(targets=targets, delegations=delegations, **heading))


def _delegated(role: Role, keys: Sequence[SSlibKey], threshold: int) -> DelegatedRole:
    return DelegatedRole(str(role), _ids(keys), threshold, terminating=True, paths=[PATHS[role]])


def _ids(keys: Iterable[SSlibKey]) -> list[str]:
    return [key.keyid for key in keys]


def _heading(role: Role, version: int, environment: str, now: datetime) -> dict[str, Any]:
    return {
        "version": version,
        "expires": whole_seconds(now) + LASTS[role],
        "unrecognized_fields": {ENVIRONMENT: environment},
    }
