"""What vouches for entries: the event that numbered or restored their run, and the one that made an entry whole again.

A run is vouched for as it was written. An entry of it that was lost then and came back since is put back, for the
comparison, to what it was: without its bytes, perhaps without its number.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import product
from uuid import UUID

from sqlalchemy.orm import Session

from registry.audit.entry_fold import Fold
from registry.audit.entry_rows import Held, as_lost, digest_of_run, held_entries
from registry.audit.events import READMIT, RESTORE, Stored
from registry.audit.finding import Finding, Kind
from registry.certificate.lifecycle import Action

VOUCHING = frozenset({Action.NUMBER, RESTORE, READMIT})

# Of more entries of one run that came back, it is not tried which of them had lost what.
MOST_TRIED = 5


def coverage_faults(
    session: Session, rows: Sequence[Held], events: Sequence[Stored], state: Fold, spare: Collection[UUID]
) -> Iterator[Finding]:
    """Yield each entry that not exactly one event vouches for, and each of those events that its rows are not."""
    for row in rows:
        standing = state.standings[row.entry - state.first]
        covers = len(standing.covers) - standing.readmitted
        if covers != 1:
            count = "no event vouches" if covers < 1 else f"{covers} events vouch"
            yield Finding(Kind.COVERAGE, "entry", str(row.entry), f"{count} for it, where one belongs")
    there = {row.entry: row for row in rows}
    vouching = [event for event in events if event.act in VOUCHING and event.digest is not None]
    readmitted = {event.first_entry or 0 for event in vouching if event.act == READMIT}
    for event in vouching:
        begin, end = event.first_entry or 0, event.last_entry or 0
        if state.first <= begin and end < state.first + len(state.standings):
            run = [there[entry] for entry in range(begin, end + 1) if entry in there]
        else:
            run = held_entries(session, begin, end)
        if not _vouches(event, run, readmitted, spare):
            what = f"a row of entry or certificate is not what event {event.id} vouches for"
            yield Finding(Kind.COVERAGE, "entry", str(begin) if begin == end else f"{begin}-{end}", what)


def _vouches(
    event: Stored, run: Sequence[Held], readmitted: Collection[int], spare: Collection[UUID]
) -> bool:
    if digest_of_run(run, event, spare=spare) == event.digest:
        return True
    back = [place for place, row in enumerate(run) if row.entry in readmitted]
    if event.act == READMIT or not back:
        return False
    if len(back) > MOST_TRIED:
        return True
    for was in product((True, False, None), repeat=len(back)):
        rows = list(run)
        for place, numbered in zip(back, was, strict=True):
            if numbered is not None:
                rows[place] = as_lost(rows[place], numbered=numbered)
        if digest_of_run(rows, event, spare=spare) == event.digest:
            return True
    return False
