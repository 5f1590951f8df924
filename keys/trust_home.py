"""Where the current trust bundle of this register lies between ceremonies: ``keys.cbor`` and ``names.cbor``
in one folder.

What is read from here is verified against the pinned root each time, the names against the custodians of the
current ``trust/keys``. A file is replaced only by a newer
version, whole or not at all; the public copy is made from these bytes. Nothing here is secret.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keys.durable_files import PUBLIC, make_folder, replace
from keys.errors import WentBackwards
from signing.custody import THRESHOLD
from signing.errors import NotSignedByCustodians
from signing.root import Root
from signing.trust import TrustKeys, TrustNames, open_trust_keys, open_trust_names


class TrustHome:
    """The folder of the current ``trust/keys`` and ``trust/names``."""

    def __init__(self, folder: Path, root: Root) -> None:
        self.folder = folder
        self.root = root

    @property
    def keys_path(self) -> Path:
        """Where the signed file ``trust/keys`` lies."""
        return self.folder / "keys.cbor"

    @property
    def names_path(self) -> Path:
        """Where the signed file ``trust/names`` lies."""
        return self.folder / "names.cbor"

    def trust_keys(self) -> TrustKeys | None:
        """Return the current ``trust/keys``, ``None`` before the first; ``SigningError`` if not verified."""
        data = _content(self.keys_path)
        return None if data is None else open_trust_keys(data, self.root)

    def trust_names(self) -> TrustNames | None:
        """Return the current ``trust/names``, ``None`` before the first; ``SigningError`` if not verified."""
        data = _content(self.names_path)
        return None if data is None else self._open_names(data)

    def keep_keys(self, data: bytes) -> TrustKeys:
        """Keep a new ``trust/keys``; on disk when this returns. The same bytes again change nothing.

        Raises ``WentBackwards`` unless its version is newer, a ``SigningError`` if it does not verify.
        """
        offered = open_trust_keys(data, self.root)
        with self._locked():
            kept = self.trust_keys()
            _keep(self.keys_path, data, kept.version if kept else 0, offered.version)
        return offered

    def keep_names(self, data: bytes) -> TrustNames:
        """Keep a new ``trust/names``, as ``keep_keys``."""
        offered = self._open_names(data)
        with self._locked():
            kept = self.trust_names()
            _keep(self.names_path, data, kept.version if kept else 0, offered.version)
        return offered

    def _open_names(self, data: bytes) -> TrustNames:
        trust = self.trust_keys()
        if trust is None:
            raise NotSignedByCustodians(signed=0, threshold=THRESHOLD)
        return open_trust_names(data, trust)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        make_folder(self.folder)
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _keep(path: Path, data: bytes, kept: int, offered: int) -> None:
    if data == _content(path):
        return
    if offered <= kept:
        raise WentBackwards(path, kept, offered)
    replace(path, data, mode=PUBLIC)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
