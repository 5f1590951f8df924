"""Refreshing the copy of the public files that this user keeps (formats.md §12).

From the pinned root, through verified metadata, to the three files; then the files themselves are opened, and
only a copy from which a certificate could be judged takes the place of the one before.
"""

import contextlib
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from signing.cose import Envelope
from signing.errors import DistributionRefused, FormatError, Refusal
from signing.metadata_grammar import DELEGATED
from signing.offline.contents import Contents, contents_of
from signing.offline.kept import Kept, files_in
from signing.offline.layout import KEYS, NAMES, STATUS
from signing.offline.public_files import MAX_KEYS_BYTES, MAX_NAMES_BYTES, MAX_STATUS_BYTES
from signing.offline.source import Source
from signing.offline.tuf_client import Target, TufClient, read_metadata, seen_root
from signing.root import Root
from signing.root_chain import MAX_ROOT_BYTES, Link, file_name, first_link
from signing.status import Status
from signing.status_delta import apply, delta_name

MOST_BYTES: Final = {KEYS: MAX_KEYS_BYTES, NAMES: MAX_NAMES_BYTES, STATUS: MAX_STATUS_BYTES}


@dataclass(frozen=True, slots=True)
class Refreshed:
    """An update that went well. ``before`` is ``None`` if there was no copy that could be used.

    ``recovered`` says that lower versions than those seen were accepted, since the keys of the roles that
    had given them were replaced.
    """

    before: Contents | None
    after: Contents
    recovered: bool


def refresh(source: Source, pinned: Root, kept: Kept, *, now: datetime) -> Refreshed:
    """Bring the kept copy up to date; ``now`` is aware.

    Raises ``DistributionRefused``, after which the copy is what it was; or ``OSError`` where it can not be
    written. What metadata was verified is remembered in any case.
    """
    with kept.alone():
        before, seen = contents(kept, pinned), _seen_versions(kept, pinned)
        first, bootstrap = _bootstrap(source, pinned, kept)
        client = TufClient(source, kept.seen, first, bootstrap, now=now)
        targets = client.refresh()
        files = _target_files(source, targets, kept, now=now) | _metadata_files(client, pinned, kept)
        after = contents_of(files, pinned)
        copy = kept.newest()
        if copy is None or files_in(copy) != files:
            kept.replace(files)
        current = _seen_versions(kept, pinned)
        return Refreshed(before, after, recovered=any(map(operator.lt, current, seen)))


def contents(kept: Kept, pinned: Root) -> Contents | None:
    """Return what the copy in use holds, or ``None`` if there is none that could be used."""
    copy = kept.newest()
    if copy is None:
        return None
    try:
        return contents_of(files_in(copy), pinned)
    except DistributionRefused:
        return None


def _bootstrap(source: Source, pinned: Root, kept: Kept) -> tuple[Link, bytes]:
    """Return the pinned root's own version, held against it, and its file: the one kept, else the source's."""
    name = file_name(pinned.version)
    with contextlib.suppress(FileNotFoundError, DistributionRefused):
        data = seen_root(kept.seen, pinned.version).read_bytes()
        return first_link(pinned, data), data
    offered = source.read(name, MAX_ROOT_BYTES)
    if offered is None:
        raise DistributionRefused(Refusal.NOT_A_REPOSITORY, name)
    return first_link(pinned, offered), offered


def _target_files(
    source: Source, targets: Mapping[str, Target], kept: Kept, *, now: datetime
) -> dict[str, bytes]:
    """Return each file, by its plain name and by that of its content, as an onward copy needs it."""
    files: dict[str, bytes] = {}
    for path, target in targets.items():
        content = _status_by_delta(source, target, kept, now=now) if path == STATUS else None
        content = _file(source, target, kept) if content is None else content
        files |= {path: content, target.published_as: content}
    return files


def _status_by_delta(source: Source, target: Target, kept: Kept, *, now: datetime) -> bytes | None:
    """Return the status that is meant, made of the one kept and a delta; ``None`` if that does not give it.

    A delta is believed by nobody: what it makes is the file that the metadata means, to the byte, or it is not used.
    """
    copy = kept.newest()
    if copy is None or not (copy / target.path).is_file():
        return None
    held = (copy / target.path).read_bytes()
    if target.is_content(held):
        return held
    try:
        status = Status.from_payload(Envelope.from_bytes(held).payload or b"")
        name = delta_name(status.made_at, now)
        # One that is not smaller than the file is not worth having.
        delta = source.read(name, target.length) if name else None
        made = apply(delta, status) if delta else None
    except (FormatError, DistributionRefused):
        return None
    return made if made is not None and target.is_content(made) else None


def _file(source: Source, target: Target, kept: Kept) -> bytes:
    """Return the file that is meant: the one kept, if it is that, else the source's."""
    if target.length > MOST_BYTES[target.path]:
        raise DistributionRefused(Refusal.TOO_LARGE, target.path)
    copy = kept.newest()
    if copy is not None and (copy / target.path).is_file():
        content = (copy / target.path).read_bytes()
        if target.is_content(content):
            return content
    try:
        offered = source.read(target.published_as, target.length)
    except DistributionRefused as refusal:
        if refusal.reason is Refusal.TOO_LARGE:
            raise DistributionRefused(Refusal.WRONG_LENGTH_OR_HASH, target.path) from None
        raise
    if offered is None:
        raise DistributionRefused(Refusal.INCOMPLETE, target.path)
    if not target.is_content(offered):
        raise DistributionRefused(Refusal.WRONG_LENGTH_OR_HASH, target.path)
    return offered


def _metadata_files(client: TufClient, pinned: Root, kept: Kept) -> dict[str, bytes]:
    """Return the verified metadata by the names that it has in ``public/``, every root included."""
    roots = range(pinned.version, client.current("root").version + 1)
    files = {file_name(version): seen_root(kept.seen, version).read_bytes() for version in roots}
    for role in ("timestamp", "snapshot", "targets", *DELEGATED):
        files[client.current(role).name] = (kept.seen / f"{role}.json").read_bytes()
    return files


def _seen_versions(kept: Kept, pinned: Root) -> tuple[int, int]:
    """Return the versions of timestamp and snapshot seen; 0 for one that was not."""

    def version(name: str) -> int:
        with contextlib.suppress(FileNotFoundError, DistributionRefused):
            data = (kept.seen / name).read_bytes()
            return read_metadata(data, name=f"tuf/{name}", environment=pinned.environment).version
        return 0

    return version("timestamp.json"), version("snapshot.json")
