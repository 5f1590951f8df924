"""The state of entries as the sum of their events: a fold, without any row."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from registry.audit.events import MOVES, READMIT, RESTORE, Stored
from registry.audit.finding import Finding, Kind
from registry.audit.readmission import regained_columns
from registry.certificate.abandonment import FREE_RESULT
from registry.certificate.epochs import PASS_OVER
from registry.certificate.lifecycle import TRANSITIONS, Action, Status


@dataclass(slots=True)
class Standing:
    """Where one entry stands after its events.

    ``status`` is ``None`` before the first; ``signed`` says whether it has a token. ``covers`` are the events that
    vouch for its row: one, and the one that made it whole again if it was lost. ``passed_over``: it was never anything
    but void; ``freed``: the result that it had been numbered for waits for another number.
    """

    status: Status | None = None
    numbered_at: datetime | None = None
    changed_at: datetime | None = None
    signed: bool = False
    restored: bool = False
    readmitted: bool = False
    passed_over: bool = False
    freed: bool = False
    covers: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Fold:
    """The standings of the entries ``first`` and after, and the unlawful moves on the way."""

    first: int
    standings: tuple[Standing, ...]
    faults: tuple[Finding, ...]


def fold(first: int, last: int, events: Iterable[Stored]) -> Fold:
    """Return where the entries first..last stand after these events, which come in their order."""
    standings = tuple(Standing() for _ in range(first, last + 1))
    faults: list[Finding] = []
    for event in events:
        if event.first_entry is None or event.last_entry is None:
            continue
        for entry in range(max(first, event.first_entry), min(last, event.last_entry) + 1):
            for what in _apply(standings[entry - first], event):
                faults.append(Finding(Kind.STATE, "entry", str(entry), f"event {event.id}: {what}"))
    return Fold(first, standings, tuple(faults))


def _apply(standing: Standing, event: Stored) -> Iterator[str]:
    if event.act == Action.NUMBER:
        yield from _number(standing, event)
    elif event.act in MOVES:
        yield from _move(standing, event, Action(event.act))
    elif event.act == RESTORE:
        yield from _restore(standing, event)
    elif event.act == READMIT:
        yield from _readmit(standing, event)
    elif event.act == PASS_OVER:
        yield from _pass_over(standing, event)
    elif event.act == FREE_RESULT:
        if standing.status is not Status.VOID or standing.freed:
            yield f"it frees the result of an entry that is {standing.status or 'not numbered'}"
        standing.freed = True


def _number(standing: Standing, event: Stored) -> Iterator[str]:
    if standing.status is not None:
        yield f"it numbers an entry that is {standing.status}"
    standing.covers.append(event.id)
    standing.status = TRANSITIONS[Status.APPROVED, Action.NUMBER]
    standing.numbered_at = standing.changed_at = event.at


def _pass_over(standing: Standing, event: Stored) -> Iterator[str]:
    """An entry that no key may sign any more: its row is made void, and stands for nothing."""
    if standing.status is not None:
        yield f"it passes over an entry that is {standing.status}"
    if event.details.get("after") != Status.VOID:
        yield "it does not say that the entry is void"
    standing.covers.append(event.id)
    standing.status, standing.passed_over = Status.VOID, True
    standing.numbered_at = standing.changed_at = event.at


def _move(standing: Standing, event: Stored, action: Action) -> Iterator[str]:
    told = (event.details.get("before"), event.details.get("after"))
    after = TRANSITIONS.get((standing.status, action)) if standing.status is not None else None
    if after is None:
        yield f"it may not {action} an entry that is {standing.status or 'not numbered'}"
        return
    if told != (standing.status, after):
        yield f"it tells {told[0]} to {told[1]}, and it was {standing.status} to {after}"
    standing.status, standing.changed_at = after, event.at
    if action is Action.SIGN:
        standing.signed = True


def _restore(standing: Standing, event: Stored) -> Iterator[str]:
    """A restore makes entries anew, or moves them to what the public was told; its event says to which status."""
    after = event.details.get("after")
    if event.digest is not None:
        if standing.status is not None:
            yield f"it makes an entry anew that is {standing.status}"
        standing.covers.append(event.id)
        standing.numbered_at = event.at
    elif event.details.get("before") != standing.status:
        yield f"it moves an entry that is {standing.status} as if it were {event.details.get('before')}"
    if after not in list(Status):
        yield "it does not say what the entry is now"
        return
    standing.status, standing.changed_at = Status(str(after)), event.at
    standing.restored = True


def _readmit(standing: Standing, event: Stored) -> Iterator[str]:
    """A token that comes back, or is made again: bytes and token are there from now on, the status stays."""
    if not standing.restored or standing.signed:
        yield "it readmits an entry that was not lost"
    if regained_columns(event) is None:
        yield "it does not say what the entry had been missing"
    standing.covers.append(event.id)
    standing.signed = standing.readmitted = True
