"""The leaves of the public log: each remade of the act that it tells of, at its place, as the public files have it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.audit.evidence import FILE, Evidence
from registry.audit.finding import Finding, Kind, Outcome
from registry.audit.log_seen import Row, row_if_sound
from registry.journal.leaves import Told, leaf_count, leaf_kind
from registry.journal.tables import Event
from registry.log.errors import LeafUnknown
from registry.log.files import FOLDER, LogFiles
from registry.log.remaking import Run, leaves_of_runs, runs_at
from registry.plain_files import shown
from signing.errors import Malformed
from signing.log.tile import WIDTH, Tile, bundle
from signing.log.tile import held as tile_held
from signing.merkle import leaf_hash, root_of_hashes


@dataclass(frozen=True, slots=True)
class LogExtent:
    """How far the log is checked: its first ``size`` leaves, its files if ``public_dir`` is given.

    ``single`` are the bundles of which every leaf's hash is wanted.
    """

    size: int
    public_dir: Path | None = None
    single: frozenset[int] = frozenset()


def check_leaves(session: Session, evidence: Evidence, first: int, end: int, log: LogExtent) -> Outcome:
    """Check the leaves ``first..end-1``; whole bundles among them yield their hashes."""
    outcome = Outcome()
    outcome.counts["leaves"] = end - first
    runs = runs_at(session, first, end)
    outcome.take(_run_faults(session, runs, first, end))
    if outcome.findings:
        return outcome
    try:
        leaves = leaves_of_runs(session, evidence.profiles, runs)
    except LeafUnknown:
        outcome.take(_unknown(session, evidence, runs))
        return outcome
    files = None if log.public_dir is None else LogFiles(log.public_dir)
    for index in range(-(-first // WIDTH), -(-end // WIDTH)):
        begin, width = index * WIDTH - first, min(WIDTH, log.size - index * WIDTH)
        part = leaves[begin : begin + WIDTH]
        # A piece that was cut in two because a row of it can not be read may have half a bundle.
        if len(part) != width:
            continue
        hashes = list(map(leaf_hash, part))
        if files is not None:
            outcome.take(_file_faults(files, Tile(None, index, width), bundle(part)))
            outcome.take(_file_faults(files, Tile(0, index, width), b"".join(hashes)))
        if width == WIDTH:
            outcome.log[8, index] = root_of_hashes(hashes)
        if index in log.single:
            outcome.log |= {(0, index * WIDTH + at): hashed for at, hashed in enumerate(hashes)}
    return outcome


def _run_faults(session: Session, runs: Sequence[Run], first: int, end: int) -> Iterator[Finding]:
    """Every place is exactly one's, and acts have their leaves in the order of the journal."""
    expected = first
    for run in runs:
        if run.place != expected:
            what = "nothing has" if run.place > expected else "more than one has"
            yield _of(run, f"{what} leaf {min(run.place, expected)} of the public log")
        expected = run.end
    if expected != end:
        yield Finding(Kind.LOG, "event", "*", f"nothing has leaf {expected} of the public log")
    before = select(Event.place).where(Event.leaf < first).order_by(Event.leaf.desc()).limit(1)
    last = session.scalar(before) or 0
    events = [run for run in runs if run.event is not None]
    if events and events[0].event is not None and (events[0].event.place or 0) < last:
        yield _of(events[0], "its leaf comes after one of a later act")
    for one, other in pairwise(events):
        if one.event is not None and other.event is not None and one.event.place >= other.event.place:
            yield _of(other, "its leaf comes after one of a later act")


def _unknown(session: Session, evidence: Evidence, runs: Sequence[Run]) -> Iterator[Finding]:
    for run in runs:
        try:
            leaves_of_runs(session, evidence.profiles, [run])
        except LeafUnknown as fault:
            yield _of(run, f"its leaf can not be made: {fault}")


def _of(run: Run, what: str) -> Finding:
    if run.event is None:
        return Finding(Kind.LOG, "lost_leaf", str(run.place), what)
    return Finding(Kind.LOG, "event", str(run.event.id), what)


def _file_faults(files: LogFiles, tile: Tile, expected: bytes) -> Iterator[Finding]:
    if held(files, tile) != expected:
        what = (
            "it is not what the register's acts make" if files.read(tile) is not None else "it is not there"
        )
        yield Finding(Kind.LOG, FILE, shown(files.public_dir / FOLDER / tile.path), what)


def held(files: LogFiles, tile: Tile) -> bytes | None:
    """Return the bytes of a tile or bundle, out of the full one if the log has grown past it meanwhile.

    ``None`` if neither is there, or the full one is none.
    """
    try:
        found, data = tile_held(files.read, tile)
        return data if found == tile else beginning(found, data, tile.width)
    except Malformed:
        return None


def beginning(tile: Tile, data: bytes, width: int) -> bytes:
    """Return what a narrower tile or bundle in the place of this one holds. Raises ``Malformed``."""
    if tile.level is None:
        return bundle(tile.leaves(data)[:width])
    return b"".join(tile.hashes(data)[:width])


def leaf_faults(session: Session, first: int, last: int, *, has_log: bool) -> Iterator[Finding]:
    """Yield what is wrong with the leaves that the acts at the places first..last have, or should have."""
    row = row_if_sound(session)
    if row is None:
        return
    columns = (
        Event.id,
        Event.place,
        Event.leaf,
        Event.act,
        Event.details,
        Event.first_entry,
        Event.last_entry,
    )
    query = select(*columns).where(Event.place.between(first, last)).order_by(Event.place)
    for event, place, leaf, *told in session.execute(query):
        for what in _leaf_faults(place, leaf, Told(*told), row, has_log=has_log):
            yield Finding(Kind.LOG, "event", str(event), what)


def _leaf_faults(place: int, leaf: int | None, told: Told, row: Row, *, has_log: bool) -> Iterator[str]:
    if not has_log:
        if leaf is not None:
            yield "it has a leaf, and the trust bundle names no public log"
        return
    if leaf is None:
        if place <= row.place and leaf_kind(told) is not None:
            yield "the public log went past it, and it has no leaf there"
        return
    if leaf_kind(told) is None:
        yield "it has a leaf, and its act has none"
    elif place > row.place:
        yield "it has a leaf, and the public log has not come to it yet"
    elif not 0 <= leaf <= row.size - leaf_count(told):
        yield f"its leaves are beyond the {row.size} of the public log"
