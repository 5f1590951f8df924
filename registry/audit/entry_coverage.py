"""What vouches for entries: the event that numbered or restored their run, and the one that made an entry whole again.

A run is vouched for as it was written. An entry of it that was lost then and came back since is put back, for the
comparison, to exactly what it was: the event that readmitted it says which columns had been empty. So is one whose
result was set free: that event says which result it was.
"""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from registry.audit.entry_fold import Fold
from registry.audit.entry_rows import Held, digest_of_run, events_on, held_entries
from registry.audit.events import READMIT, RESTORE, Stored
from registry.audit.finding import Finding, Kind
from registry.audit.freeing import freed_by_entry, with_freed
from registry.audit.readmission import as_before, regained_by_entry
from registry.certificate.epochs import PASS_OVER
from registry.certificate.lifecycle import Action

VOUCHING = frozenset({Action.NUMBER, PASS_OVER, RESTORE, READMIT})


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
    regained_here, freed_here = regained_by_entry(vouching), freed_by_entry(events)
    for event in vouching:
        begin, end = event.first_entry or 0, event.last_entry or 0
        if state.first <= begin and end < state.first + len(state.standings):
            run = [there[entry] for entry in range(begin, end + 1) if entry in there]
            regained, freed = regained_here, freed_here
        else:
            # Other entries of the run may have come back or been freed too, by events that are not on these rows.
            run, single = held_entries(session, begin, end), events_on(session, begin, end, longest=1)
            regained, freed = regained_by_entry(single), freed_by_entry(single)
        run = with_freed(run, freed)
        before = run if event.act == READMIT else as_before(run, regained)
        if digest_of_run(before, event, spare=spare) != event.digest:
            what = f"a row of entry or certificate is not what event {event.id} vouches for"
            yield Finding(Kind.COVERAGE, "entry", str(begin) if begin == end else f"{begin}-{end}", what)
