"""The files that a verdict rests on: the pinned root, and a copy of the public files.

Where they lie decides nothing: the root must have come by a way that the user trusts, and everything else is
believed only as far as that root signed for it, or a later one that it leads to. Nothing is written, and nothing
fetched but from a source that the caller opened.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from signing.errors import SigningError
from signing.offline.errors import FileNotReadable, RootNotUsable
from signing.offline.kept import Kept
from signing.offline.layout import KEYS, NAMES, STATUS
from signing.offline.reading import is_there, read_file
from signing.offline.source import Source
from signing.root import Root
from signing.root_chain import MAX_ROOT_BYTES, file_name, newest_root
from signing.trust import TrustKeys, TrustNames, open_trust_names
from signing.verdict import PublicState, open_public_state

MAX_PIN_BYTES = 64 * 2**10
# formats.md §6. Whoever wrote the files may not be whoever signs them: nothing larger is read.
MAX_KEYS_BYTES = 16 * 2**20
MAX_NAMES_BYTES = 4 * 2**20
MAX_STATUS_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class PublicFiles:
    """The public files as read, unverified; ``None`` for one that is not there."""

    keys: bytes | None = None
    names: bytes | None = None
    status: bytes | None = None


def default_root(environment: Mapping[str, str]) -> Path:
    """Return where this user keeps the pinned root: ``~/.config/certverify/root.json``."""
    return _folder(environment, "XDG_CONFIG_HOME", ".config") / "certverify" / "root.json"


def data_folder(environment: Mapping[str, str]) -> Path:
    """Return where this user keeps what updates brought: ``~/.local/share/certverify``."""
    return _folder(environment, "XDG_DATA_HOME", ".local/share") / "certverify"


def default_public(environment: Mapping[str, str], pinned: Root | None) -> Path:
    """Return the public files that this user keeps for the pinned root.

    That is the copy of the last update; without one, ``~/.local/share/certverify/public``, where a user may
    have put files by hand.
    """
    data = data_folder(environment)
    return (pinned and Kept.of(data, pinned).newest()) or data / "public"


def read_root(path: Path) -> Root:
    """Return the pinned root; ``FileNotReadable``, ``FileTooLarge`` or ``RootNotUsable`` if there is none."""
    content = read_file(path, max_bytes=MAX_PIN_BYTES)
    try:
        return Root.from_json(content)
    except SigningError:
        raise RootNotUsable(str(path)) from None


def read_public(folder: Path) -> PublicFiles:
    """Return the files under a folder laid out as ``public/``; a folder that does not exist is an error."""
    if not is_there(folder) or not folder.is_dir():
        raise FileNotReadable(str(folder))
    return PublicFiles(
        keys=_read_if_there(folder / "trust" / "keys.cbor", MAX_KEYS_BYTES),
        names=_read_if_there(folder / "trust" / "names.cbor", MAX_NAMES_BYTES),
        status=_read_if_there(folder / "status" / "status.cbor", MAX_STATUS_BYTES),
    )


def trusted_root(pinned: Root, folder: Path) -> Root:
    """Return the newest root that the folder's ``tuf/`` leads to from the pinned one.

    Raises ``DistributionRefused`` for a chain that breaks, rather than believing its older part.
    """
    return newest_root(pinned, lambda version: _read_if_there(folder / file_name(version), MAX_ROOT_BYTES))


def fetch_public(source: Source) -> PublicFiles:
    """Return the files of another source than a folder; ``DistributionRefused`` if one can not be had."""
    return PublicFiles(
        keys=source.read(KEYS, MAX_KEYS_BYTES),
        names=source.read(NAMES, MAX_NAMES_BYTES),
        status=source.read(STATUS, MAX_STATUS_BYTES),
    )


def fetched_root(pinned: Root, source: Source) -> Root:
    """Do as ``trusted_root`` does, at another source than a folder."""
    return newest_root(pinned, lambda version: source.read(file_name(version), MAX_ROOT_BYTES))


def public_state(root: Root | None, files: PublicFiles) -> PublicState:
    """Verify the files against the root. Without a root nothing can be believed, whatever the files say."""
    if root is None:
        return PublicState("", None, None, status_refused=False)
    return open_public_state(root, files.keys, files.status, environment=root.environment)


def trusted_names(trust: TrustKeys | None, files: PublicFiles) -> TrustNames | None:
    """Return the names of the codes, or ``None`` if there are none to be believed: codes are shown then."""
    if trust is None or files.names is None:
        return None
    try:
        return open_trust_names(files.names, trust)
    except SigningError:
        return None


def _folder(environment: Mapping[str, str], variable: str, otherwise: str) -> Path:
    return Path(environment.get(variable) or os.path.expanduser(f"~/{otherwise}"))


def _read_if_there(path: Path, max_bytes: int) -> bytes | None:
    return read_file(path, max_bytes=max_bytes) if is_there(path) else None
