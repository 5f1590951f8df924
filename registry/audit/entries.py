"""A range of entries: dense, vouched for, in the state that their events make, with the right numbers and bytes."""

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from registry.assessment.tables import Result
from registry.audit.entry_coverage import coverage_faults
from registry.audit.entry_fold import Fold, Standing, fold
from registry.audit.entry_rows import Held, events_on, held_entries
from registry.audit.evidence import Evidence
from registry.audit.finding import Finding, Kind, Outcome
from registry.audit.log_lost import uncosigned
from registry.audit.numbers import NumberCheck
from registry.audit.tokens import TokenCheck, statements_of
from registry.certificate.lifecycle import WAS_RELEASED, Status
from registry.certificate.tables import Entry
from registry.journal.record import runs_of
from signing.signed_bytes import statement_of_signed_bytes


def check_entries(
    session: Session, evidence: Evidence, first: int, last: int, *, longest: int, spare: Collection[UUID]
) -> Outcome:
    """Check the entries first..last, and the whole runs that were numbered with them.

    ``longest`` is the length of the longest run that any event names, ``spare`` the certificates that a restore made
    for serials without an entry.
    """
    outcome = Outcome()
    rows = held_entries(session, first, last)
    events = events_on(session, first, last, longest=longest)
    state = fold(first, last, events)
    statements = statements_of(rows)
    outcome.take(_dense(rows, first, last))
    outcome.take(state.faults)
    outcome.take(coverage_faults(session, rows, events, state, spare))
    outcome.take(_states(rows, state))
    outcome.take(NumberCheck.of(session, evidence).faults(rows, statements))
    restored = {row.entry for row in rows if state.standings[row.entry - first].restored}
    outcome.take(TokenCheck(evidence, restored).faults(rows, statements))
    outcome.take(_versions(session, first, last))
    if evidence.policy is not None:
        findings, outcome.unshown = uncosigned(session, rows, events)
        outcome.take(findings)
    outcome.counts["entries"] = len(rows)
    outcome.counts["tokens"] = sum(row.token is not None for row in rows)
    outcome.signed = runs_of([row.entry for row in rows if row.token is not None])
    return outcome


def _dense(rows: Sequence[Held], first: int, last: int) -> Iterator[Finding]:
    there = {row.entry for row in rows}
    for begin, end in runs_of([entry for entry in range(first, last + 1) if entry not in there]):
        name = str(begin) if begin == end else f"{begin}-{end}"
        yield Finding(Kind.NUMBER, "entry", name, "it was given, and is not there")


def _states(rows: Sequence[Held], state: Fold) -> Iterator[Finding]:
    for row in rows:
        for what in _differences(row, state.standings[row.entry - state.first]):
            yield Finding(Kind.STATE, "entry", str(row.entry), what)


def _differences(row: Held, standing: Standing) -> Iterator[str]:
    if row.status != standing.status:
        yield f"it is {row.status}, and its events make it {standing.status or 'nothing'}"
    if row.changed_at != standing.changed_at:
        yield "it was changed at another instant than its last event"
    if row.numbered_at != standing.numbered_at and not standing.restored:
        yield "it was numbered at another instant than its event"
    if standing.signed != (row.token is not None):
        yield "it has a token, and was never signed" if row.token is not None else "its token is gone"
    if row.to_be_signed is None and not (standing.restored or standing.passed_over):
        yield "its bytes are gone"
    if standing.freed and row.result_id is not None:
        yield "its result was set free, and it has one"


_LATER = aliased(Entry)
_PAIRS = (
    select(Entry.entry, Entry.status, Entry.to_be_signed, _LATER, Result.corrects)
    .join(_LATER, (_LATER.certificate_id == Entry.certificate_id) & (_LATER.version == Entry.version + 1))
    .outerjoin(Result, Result.id == _LATER.result_id)
)


def _versions(session: Session, first: int, last: int) -> Iterator[Finding]:
    """A correction comes after the version before it, and takes its place exactly when it is released."""
    for entry, status, bytes_, later, corrects in session.execute(
        _PAIRS.where(Entry.entry.between(first, last))
    ):
        name = str(later.entry)
        if later.entry <= entry:
            yield Finding(
                Kind.NUMBER, "entry", name, f"version {later.version} came before the one it corrects"
            )
        if bytes_ is None or later.to_be_signed is None:
            continue
        if corrects is not None and corrects != entry:
            yield Finding(
                Kind.NUMBER, "entry", name, f"it corrects entry {corrects}, and {entry} is the one before it"
            )
        if (
            statement_of_signed_bytes(bytes_).issued_on
            != statement_of_signed_bytes(later.to_be_signed).issued_on
        ):
            yield Finding(
                Kind.SIGNATURE, "entry", name, "a correction keeps the day of issue, and this one does not"
            )
        if (status == Status.SUPERSEDED) != (later.status in WAS_RELEASED):
            what = f"it is {status}, and entry {name}, which corrects it, is {later.status}"
            yield Finding(Kind.STATE, "entry", str(entry), what)
