"""python-tuf's client, with our source, our clock and our reasons (formats.md §12).

The order of a TUF client's checks is python-tuf's. Added before it sees a file: the strict grammar, the environment,
and of a root the rules of ``root_chain``, which know ML-DSA-44. Added after: that each file has its one role
(``layout``). What it refuses is told by a stable reason, found by what was refused and which file came last.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count, takewhile
from pathlib import Path
from typing import Final, TypeVar

from tuf.api import exceptions
from tuf.api.metadata import TargetFile
from tuf.api.serialization import DeserializationError
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from signing.errors import DistributionRefused, Refusal
from signing.metadata import MAX_BYTES, Metadata
from signing.metadata_grammar import DELEGATED
from signing.offline.layout import SUPPLIERS, require_delegations, require_within
from signing.offline.source import Source
from signing.root_chain import MAX_ROOTS, Link, file_name, next_link

Answer = TypeVar("Answer")

_FIRST: Final = "tuf/timestamp.json"
_ROOT: Final = ".root.json"
_PUBLIC: Final = "public:/"
_CONFIG: Final = UpdaterConfig(
    max_root_rotations=MAX_ROOTS,
    root_max_length=MAX_BYTES,
    timestamp_max_length=MAX_BYTES,
    snapshot_max_length=MAX_BYTES,
    targets_max_length=MAX_BYTES,
)
_REASONS: Final[list[tuple[type[Exception], Refusal]]] = [
    (DeserializationError, Refusal.MALFORMED_METADATA),
    (exceptions.UnsignedMetadataError, Refusal.THRESHOLD_NOT_MET),
    (exceptions.LengthOrHashMismatchError, Refusal.MIX_AND_MATCH),
    (exceptions.DownloadLengthMismatchError, Refusal.TOO_LARGE),
    (exceptions.DownloadError, Refusal.UNREACHABLE),
    (exceptions.RepositoryError, Refusal.ROLLBACK),
]


@dataclass(frozen=True, slots=True)
class Target:
    """What verified metadata says of a file: its SHA-256 (lower-case hex) and its length."""

    path: str
    sha256: str
    length: int
    info: TargetFile

    @property
    def published_as(self) -> str:
        """The name of exactly this content, beside the plain one."""
        folder, _, name = self.path.rpartition("/")
        return f"{folder}/{self.sha256}.{name}"

    def is_content(self, content: bytes) -> bool:
        """Say whether this is the file that is meant."""
        try:
            self.info.verify_length_and_hashes(content)
        except exceptions.LengthOrHashMismatchError:
            return False
        return True


class Fetcher(FetcherInterface):
    """Reads metadata from a source, in the strict grammar and of the right environment, and remembers it.

    ``newest`` is the newest root that was verified before; whichever comes now must follow it.
    """

    def __init__(self, source: Source, newest: Link) -> None:
        self._source = source
        self._newest = newest
        self.name = ""
        """Of the file that was asked for last."""
        self.read: Metadata | None = None
        """That file, if it came and is metadata."""

    def download_bytes(self, url: str, max_length: int) -> bytes:
        """Return a file of metadata; 404 is told as python-tuf expects it."""
        self.name, self.read = url.removeprefix(_PUBLIC), None
        data = self._source.read(self.name, max_length)
        if data is None:
            raise exceptions.DownloadHTTPError(f"no {self.name}", 404)
        self.read = read_metadata(data, name=self.name, environment=self._newest.root.environment)
        if self.name.endswith(_ROOT):
            self._newest = next_link(self._newest, data)
        return data

    def _fetch(self, url: str) -> Iterator[bytes]:
        return iter([self.download_bytes(url, MAX_BYTES)])


class TufClient:
    """One update: ``seen`` is the folder of the newest verified metadata, which python-tuf reads and renews.

    It is renewed file by file as each is verified, so that what was seen is not forgotten if a later one
    is refused. ``now`` is aware; ``bootstrap`` is the file of the pinned root's own version, ``first`` what it says.
    """

    def __init__(self, source: Source, seen: Path, first: Link, bootstrap: bytes, *, now: datetime) -> None:
        self._fetcher = Fetcher(source, _newest_seen(seen, first))
        self._seen = seen
        self._environment = first.root.environment
        self._now = now
        self._updater = self._told(lambda: _Updater(seen, self._fetcher, bootstrap, now=now))

    def refresh(self) -> dict[str, Target]:
        """Verify all metadata; return what it says of each file. Raises ``DistributionRefused``."""
        self._told(self._updater.refresh)
        top = self.current("targets")
        patterns = require_delegations(top.signed)
        return {path: self._target(path, patterns.get(role)) for path, role in SUPPLIERS.items()}

    def current(self, role: str) -> Metadata:
        """Return the newest verified metadata of a role, as it is kept."""
        data = (self._seen / f"{role}.json").read_bytes()
        return read_metadata(data, name=f"tuf/{role}.json", environment=self._environment)

    def _target(self, path: str, patterns: list[str] | None) -> Target:
        info = self._told(lambda: self._updater.get_targetinfo(path))
        listing = self.current(SUPPLIERS[path])
        if patterns is not None:
            require_within(listing.signed, patterns, listing.name)
        if info is None:
            raise DistributionRefused(Refusal.WRONG_DELEGATION, path)
        return Target(path, info.hashes["sha256"], info.length, info)

    def _told(self, act: Callable[[], Answer]) -> Answer:
        """Do something of python-tuf's, and tell its refusals by our reasons."""
        try:
            return act()
        except exceptions.ExpiredMetadataError:
            raise DistributionRefused(Refusal.EXPIRED, self._expired()) from None
        except exceptions.BadVersionNumberError:
            raise DistributionRefused(self._wrong_version(), self._fetcher.name) from None
        except exceptions.DownloadHTTPError:
            missing = Refusal.NOT_A_REPOSITORY if self._fetcher.name == _FIRST else Refusal.INCOMPLETE
            raise DistributionRefused(missing, self._fetcher.name) from None
        except (exceptions.RepositoryError, exceptions.DownloadError) as error:
            reason = next(reason for kind, reason in _REASONS if isinstance(error, kind))
            raise DistributionRefused(reason, self._fetcher.name) from None

    def _expired(self) -> str:
        """Return the file that has expired: the root and the timestamp may have come long before."""
        for role in ("root", "timestamp"):
            with contextlib.suppress(FileNotFoundError, DistributionRefused):
                kept = self.current(role)
                if kept.expires_at <= self._now:
                    return kept.name
        return self._fetcher.name

    def _wrong_version(self) -> Refusal:
        """Tell a step back from a file that is not the one its name says."""
        named, _, rest = self._fetcher.name.removeprefix("tuf/").partition(".")
        read = self._fetcher.read
        if read is None or not named.isdecimal() or read.version == int(named):
            return Refusal.ROLLBACK
        return Refusal.ROOT_OUT_OF_ORDER if rest == "root.json" else Refusal.MIX_AND_MATCH


class _Updater(Updater):
    """python-tuf's own, at our instant and in our layout."""

    def __init__(self, seen: Path, fetcher: Fetcher, bootstrap: bytes, *, now: datetime) -> None:
        super().__init__(str(seen), f"{_PUBLIC}tuf/", fetcher=fetcher, config=_CONFIG, bootstrap=bootstrap)
        # The clock is read once, at the edge; python-tuf would read it here once more.
        self._trusted_set.reference_time = now


def seen_root(seen: Path, version: int) -> Path:
    """Return where python-tuf keeps a version of the root."""
    return seen / "root_history" / Path(file_name(version)).name


def _newest_seen(seen: Path, link: Link) -> Link:
    """Return the newest root that is remembered and follows from this one; forget those that do not.

    What a verifier without ML-DSA-44 remembered may not follow in the eyes of one that has it, and python-tuf would
    take it from there unasked.
    """
    version = link.root.version + 1
    while (remembered := seen_root(seen, version)).exists():
        try:
            link = next_link(link, remembered.read_bytes())
        except DistributionRefused:
            break
        version += 1
    forgotten = list(takewhile(Path.exists, (seen_root(seen, later) for later in count(version))))
    # The last one first: killed in between, there is no gap that a later update would step over.
    for remembered in reversed(forgotten):
        remembered.unlink()
    return link


def read_metadata(data: bytes, *, name: str, environment: str) -> Metadata:
    """Read a file of metadata by its name, in the grammar of its kind; raises ``DistributionRefused``.

    ``name`` of what is returned carries the version: ``tuf/7.snapshot.json``, but ``tuf/timestamp.json``.
    """
    role = name.removeprefix("tuf/").removesuffix(".json").rpartition(".")[2]
    kind = "targets" if role in DELEGATED else role
    read = Metadata.from_bytes(data, name=name, kind=kind, environment=environment)
    return read if name == _FIRST else replace(read, name=f"tuf/{read.version}.{role}.json")
