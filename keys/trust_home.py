"""Where the current trust bundle of this register lies between ceremonies, with the metadata that goes with it.

In one folder: ``keys.cbor`` and ``names.cbor``, and below ``tuf/`` their metadata (``targets.json``,
``names.json``) and every root from the first on (``N.root.json``). What is read from here is verified each time,
from the pinned root on. What a ceremony made is kept all at once or not at all, and only if a verifier and a
client would take it and nothing in it is older; the public copy is made from these bytes. Nothing here is secret.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keys.durable_files import make_folder
from keys.errors import WentBackwards
from keys.file_set import is_settled, settle, write_together
from keys.kept_trust import KEYS, NAMES, KeptTrust, TrustFiles
from signing.custody import THRESHOLD
from signing.errors import NotSignedByCustodians
from signing.root import Root
from signing.trust import TrustKeys, TrustNames, open_trust_keys, open_trust_names


class TrustHome:
    """The folder of the current trust bundle. ``pinned`` is the root that verifiers pin, of whatever version."""

    def __init__(self, folder: Path, pinned: Root) -> None:
        self.folder = folder
        self.pinned = pinned

    @property
    def keys_path(self) -> Path:
        """Where the signed file ``trust/keys`` lies."""
        return self.folder / KEYS

    @property
    def names_path(self) -> Path:
        """Where the signed file ``trust/names`` lies."""
        return self.folder / NAMES

    @property
    def root(self) -> Root:
        """The newest root; ``UnsoundMetadata`` if the chain from the pinned one does not hold."""
        return self.kept().root(self.pinned)

    def trust_keys(self) -> TrustKeys | None:
        """Return the current ``trust/keys``, ``None`` before the first.

        ``SigningError`` if it does not verify, ``UnsoundMetadata`` if the roots do not.
        """
        return self.kept().trust_keys(self.pinned)

    def trust_names(self) -> TrustNames | None:
        """Return the current ``trust/names``, ``None`` before the first; errors as ``trust_keys``."""
        kept = self.kept()
        return kept.trust_names(kept.trust_keys(self.pinned))

    def kept(self) -> KeptTrust:
        """Return all files as they are now, of one ceremony; not verified."""
        if not self.folder.is_dir():
            return KeptTrust()
        with self._locked(fcntl.LOCK_SH):
            if is_settled(self.folder):
                return KeptTrust.read(self.folder)
        with self._locked(fcntl.LOCK_EX):
            settle(self.folder)
            return KeptTrust.read(self.folder)

    def keep(self, files: TrustFiles) -> KeptTrust:
        """Keep what a ceremony made, all of it; on disk when this returns. The same files again change nothing.

        Raises ``WentBackwards`` unless every file is newer than the one kept, ``UnsoundMetadata`` or a
        ``SigningError`` if the whole would not verify.
        """
        make_folder(self.folder)
        with self._locked(fcntl.LOCK_EX):
            settle(self.folder)
            before = KeptTrust.read(self.folder)
            after = before.with_files(files, self.pinned)
            changed = after.differing_from(before)
            if changed:
                self._require_newer(before, after)
                write_together(self.folder, changed)
        return after

    def keep_keys(self, data: bytes) -> TrustKeys:
        """Keep a new ``trust/keys`` alone, in a home without metadata; errors as ``keep``."""
        offered = open_trust_keys(data, self.root)
        self.keep(TrustFiles(keys=data))
        return offered

    def keep_names(self, data: bytes) -> TrustNames:
        """Keep a new ``trust/names`` alone, as ``keep_keys``."""
        trust = self.trust_keys()
        if trust is None:
            raise NotSignedByCustodians(signed=0, threshold=THRESHOLD)
        offered = open_trust_names(data, trust)
        self.keep(TrustFiles(names=data))
        return offered

    def _require_newer(self, before: KeptTrust, after: KeptTrust) -> None:
        """Raise unless all of ``after`` verifies and each file that is not as it was has a newer version."""
        offered, kept = after.open(self.pinned), before.open(self.pinned)
        pairs = ((KEYS, kept.trust, offered.trust), (NAMES, kept.names, offered.names))
        for name, old, new in pairs:
            changed = before.files.get(name) != after.files.get(name)
            if changed and old is not None and new is not None and new.version <= old.version:
                raise WentBackwards(self.folder / name, old.version, new.version)

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, how)
            yield
        finally:
            os.close(descriptor)
