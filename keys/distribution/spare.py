"""Which files of a public tree nobody needs any more: what none of the last snapshots names.

A client that has begun with an older timestamp finds its files for that long. Roots are kept for ever, plain copies
and whatever is not of the distribution are none of its business. What a killed publication left without a snapshot
is spare as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Final

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Snapshot, Targets

from keys.distribution.roles import LISTED, Role, metadata_name, role_and_version

KEPT_SNAPSHOTS: Final = 30

_HASHED: Final = re.compile(r"(?:trust|status)/[0-9a-f]{64}\.[^/]+")

Reader = Callable[[str], bytes | None]
"""Gives a file of the tree by its name, ``None`` if it is not there."""


def is_distributed(name: str) -> bool:
    """Say whether a file of this name is the distribution's: versioned metadata, or a copy under its digest."""
    return role_and_version(name) is not None or _HASHED.fullmatch(name) is not None


def spare_files(names: Collection[str], read: Reader) -> list[str]:
    """Return those of the names in a tree that may be removed."""
    needed = set(needed_files(names, read))
    return sorted(
        name for name in names if is_distributed(name) and name not in needed and _role(name) is not Role.ROOT
    )


def needed_files(names: Collection[str], read: Reader) -> Iterator[str]:
    """Yield the names of the last snapshots and of all that they name, whether it is there or not.

    A damaged file names nothing.
    """
    versions = sorted(version for role, version in _parsed(names) if role is Role.SNAPSHOT)
    for version in versions[-KEPT_SNAPSHOTS:]:
        snapshot = metadata_name(Role.SNAPSHOT, version)
        yield snapshot
        for listed in _listed(read(snapshot)):
            yield listed
            yield from _target_names(read(listed))


def _listed(data: bytes | None) -> Iterator[str]:
    snapshot = _opened(data)
    if isinstance(snapshot, Snapshot):
        for role in LISTED:
            if (meta := snapshot.meta.get(f"{role}.json")) is not None:
                yield metadata_name(role, meta.version)


def _target_names(data: bytes | None) -> Iterator[str]:
    targets = _opened(data)
    if isinstance(targets, Targets):
        for file in targets.targets.values():
            yield from file.get_prefixed_paths()


def _opened(data: bytes | None) -> object:
    """Return the signed part of a metadata without asking who signed it; ``None`` if it can not be read."""
    if data is None:
        return None
    try:
        return Metadata.from_bytes(data).signed
    except RepositoryError:
        return None


def _parsed(names: Collection[str]) -> Iterator[tuple[Role, int]]:
    return (found for name in names if (found := role_and_version(name)) is not None)


def _role(name: str) -> Role | None:
    found = role_and_version(name)
    return found[0] if found else None
