"""The leaves of the log once more, place by place, out of the register's rows: what every file of the log must hold.

A place is an event's, or that of a leaf whose act was lost; nothing else has leaves, and no place is two things'.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.directory.profiles import Profiles
from registry.journal.leaves import leaf_count
from registry.journal.tables import Event, LostLeaf
from registry.log.errors import LeafUnknown, OtherHistory
from registry.log.leaves import EVENTS, Acted, growth_of
from signing.log.tile import WIDTH
from signing.merkle import Frontier, leaf_hash

WINDOW: Final = 16 * WIDTH
"""Places that are remade at once: whole bundles."""

Query = Callable[[Session], list[bytes]]
Read = Callable[[Query], list[bytes]]
"""Runs a query on one snapshot, as ``Sessions.read`` does."""

# Told with a number of leaves after each piece of work.
Progress = Callable[[int], None]


def unseen(_: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Run:
    """Leaves at consecutive places from ``place`` on: those of an event, or one ``lost`` leaf as it was kept.

    Of an event with leaves outside of what was asked for, ``event`` has the entries inside alone.
    """

    place: int
    count: int
    event: Acted | None = None
    lost: bytes = b""

    @property
    def end(self) -> int:
        """The place behind its last leaf."""
        return self.place + self.count


def runs_at(session: Session, first: int, end: int) -> list[Run]:
    """Return whatever has leaves at the places ``first..end-1``, in their order; nobody has shown that it is dense."""
    chosen = select(Event.leaf, *EVENTS)
    before = chosen.where(Event.leaf < first).order_by(Event.leaf.desc()).limit(1)
    inside = chosen.where(Event.leaf >= first, Event.leaf < end).order_by(Event.leaf)
    rows = [*session.execute(before), *session.execute(inside)]
    found = [_clipped(leaf, Acted._make(event), first, end) for leaf, *event in rows]
    kept = select(LostLeaf.place, LostLeaf.leaf).where(LostLeaf.place >= first, LostLeaf.place < end)
    found += [Run(place, 1, lost=leaf) for place, leaf in session.execute(kept)]
    return sorted((run for run in found if run.count), key=lambda run: run.place)


def leaves_of_runs(session: Session, profiles: Profiles, runs: Sequence[Run]) -> list[bytes]:
    """Return the leaves of these runs, in their order. Raises ``LeafUnknown``."""
    events = [run.event for run in runs if run.event is not None]
    made = iter(growth_of(session, profiles, events, place=0).leaves)
    try:
        return [next(made) if run.event else run.lost for run in runs for _ in range(run.count)]
    except StopIteration:
        pass
    raise LeafUnknown("an act has fewer leaves than its run of entries")


def remade(session: Session, profiles: Profiles, first: int, end: int) -> list[bytes]:
    """Return the leaves at ``first..end-1``. Raises ``OtherHistory`` where not exactly one is, or ``LeafUnknown``."""
    runs, expected = runs_at(session, first, end), first
    for run in runs:
        if run.place != expected:
            raise OtherHistory(min(run.place, expected))
        expected = run.end
    if expected != end:
        raise OtherHistory(expected)
    return leaves_of_runs(session, profiles, runs)


def windows(size: int) -> Iterator[tuple[int, int]]:
    """Yield the places of a log of ``size`` leaves, a window of whole bundles at a time, as first and end."""
    for first in range(0, size, WINDOW):
        yield first, min(first + WINDOW, size)


def edge_of(
    read: Read, profiles: Profiles, size: int, root: bytes, *, progress: Progress = unseen
) -> Frontier:
    """Return the right edge of the log's first ``size`` leaves, all of them remade; ``read`` runs each query.

    Raises ``OtherHistory`` if they do not have this root, or ``LeafUnknown``.
    """
    edge = Frontier()
    for first, end in windows(size):
        edge.extend(map(leaf_hash, read(partial(remade, profiles=profiles, first=first, end=end))))
        progress(end - first)
    if edge.root != root:
        raise OtherHistory(size)
    return edge


def _clipped(leaf: int, event: Acted, first: int, end: int) -> Run:
    """Return an event's run inside ``first..end-1``; one without leaves if it has none there."""
    count = leaf_count(event.told)
    begin, stop = max(leaf, first), min(leaf + count, end)
    if stop <= begin:
        return Run(begin, 0)
    if event.first_entry is not None and stop - begin < count:
        entry = event.first_entry + begin - leaf
        event = event._replace(first_entry=entry, last_entry=entry + stop - begin - 1)
    return Run(begin, stop - begin, event)
