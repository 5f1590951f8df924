"""The roles of the metadata, the files each answers for, and what the files in the public tree are called.

``root`` and ``targets`` are the root keys', offline; ``names`` is the custodians'; ``status``, ``snapshot`` and
``timestamp`` are online. No two roles answer for the same file, so the online keys together can not touch
``trust/keys``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

ENVIRONMENT: Final = "x-certreg-environment"
"""The member of every metadata's signed part that says for which environment it is."""

FOLDER: Final = "tuf/"
KEYS_TARGET: Final = "trust/keys.cbor"
NAMES_TARGET: Final = "trust/names.cbor"
STATUS_TARGET: Final = "status/status.cbor"


class Role(StrEnum):
    """What a metadata file is about."""

    ROOT = "root"
    TARGETS = "targets"
    NAMES = "names"
    STATUS = "status"
    SNAPSHOT = "snapshot"
    TIMESTAMP = "timestamp"


LASTS: Final[Mapping[Role, timedelta]] = MappingProxyType({
    Role.ROOT: timedelta(days=3 * 365),
    Role.TARGETS: timedelta(days=400),
    Role.NAMES: timedelta(days=400),
    Role.STATUS: timedelta(days=8),
    Role.SNAPSHOT: timedelta(days=8),
    Role.TIMESTAMP: timedelta(days=2),
})  # fmt: skip

PATHS: Final[Mapping[Role, str]] = MappingProxyType({Role.NAMES: NAMES_TARGET, Role.STATUS: "status/*"})
"""What the delegated roles may answer for."""

LISTED: Final = (Role.TARGETS, Role.NAMES, Role.STATUS)
"""The roles whose versions a snapshot lists."""

TIMESTAMP_NAME: Final = f"{FOLDER}{Role.TIMESTAMP}.json"

_VERSIONED: Final = re.compile(rf"{FOLDER}([1-9][0-9]{{0,15}})\.({'|'.join(Role)})\.json")


def metadata_name(role: Role, version: int) -> str:
    """Return the place of a role's metadata in the public tree; the timestamp's has no version in it."""
    return TIMESTAMP_NAME if role is Role.TIMESTAMP else f"{FOLDER}{version}.{role}.json"


def role_and_version(name: str) -> tuple[Role, int] | None:
    """Return what ``metadata_name`` made the name of, ``None`` if it did not make it."""
    found = _VERSIONED.fullmatch(name)
    if found is None or found[2] == Role.TIMESTAMP:
        return None
    return Role(found[2]), int(found[1])


def hashed_name(target: str, data: bytes) -> str:
    """Return the place at which clients fetch a target file: its name with the file's SHA-256 before it."""
    folder, slash, name = target.rpartition("/")
    return f"{folder}{slash}{hashlib.sha256(data).hexdigest()}.{name}"
