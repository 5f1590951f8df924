"""The public files as this server reads them, for visitors whose browser can not check by itself.

They are verified against the pinned root, or the newest that it leads to, as any other verifier does it, and
again whenever a file changes on the disk. The server is no authority: it has the same files as everybody.
"""

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from signing.errors import SigningError
from signing.offline.public_files import trusted_root
from signing.root import Root
from signing.root_chain import file_name
from signing.trust import TrustKeys, TrustNames, open_trust_names
from signing.verdict import PublicState, open_public_state

KEYS: Final = "trust/keys.cbor"
NAMES: Final = "trust/names.cbor"
STATUS: Final = "status/status.cbor"


Stamp = tuple[int, int, int] | None


@dataclass(frozen=True, slots=True)
class Bundle:
    """Verified public files: what ``judge`` needs, and the names of the codes, ``None`` if not verified."""

    state: PublicState
    names: TrustNames | None


class BundleReader:
    """Reads the public files of one folder and keeps what it verified while the files stay the same."""

    def __init__(self, public_dir: Path, root: Root) -> None:
        self._folder = public_dir
        self._files = tuple(public_dir / name for name in (KEYS, STATUS, NAMES))
        self._pinned = self._root = root
        self._kept: tuple[tuple[Stamp, ...], Bundle] | None = None

    def bundle(self) -> Bundle:
        """Return the public files as they are on the disk now."""
        # Stamps before contents: a file that changes in between is read again the next time.
        following = self._folder / file_name(self._root.version + 1)
        stamps = tuple(_stamp(file) for file in (*self._files, following))
        kept = self._kept
        if kept is not None and kept[0] == stamps:
            return kept[1]
        bundle = self._verified(*(_content(file) for file in self._files))
        self._kept = stamps, bundle
        return bundle

    def _verified(self, keys: bytes | None, status: bytes | None, names: bytes | None) -> Bundle:
        environment = self._pinned.environment
        try:
            self._root = trusted_root(self._pinned, self._folder)
        except SigningError:
            # The way from the pinned root is broken: nothing is believed, rather than its older part.
            return Bundle(open_public_state(self._pinned, None, None, environment=environment), None)
        state = open_public_state(self._root, keys, status, environment=environment)
        return Bundle(state, _names(names, state.trust))


def _names(content: bytes | None, trust: TrustKeys | None) -> TrustNames | None:
    if content is None or trust is None:
        return None
    try:
        return open_trust_names(content, trust)
    except SigningError:
        return None


def _stamp(file: Path) -> Stamp:
    """Return what changes whenever a file is replaced or written; ``None`` if it is not there."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _content(file: Path) -> bytes | None:
    try:
        # Whoever may write to the tree may lay a pipe, and every visitor would wait for it.
        with open(file, "rb", opener=_without_waiting) as opened:
            return opened.read() if stat.S_ISREG(os.fstat(opened.fileno()).st_mode) else None
    except OSError:
        return None


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW)
