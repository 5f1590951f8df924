"""The life of an entry: one table of lawful transitions, and the acts of a registrar on a released certificate.

Revocation is final, as in RFC 5280 5.3.1: only a suspension can be lifted. Superseding happens with the release of
the correcting version and nowhere else, so it is not an act here (see ``release.release_signed``).

What takes a certificate out of force shows at once. What puts it in force, a lifted suspension too, waits for the
witness of the public log: until its release it is *reinstated*, and for the public still suspended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from registry.certificate.errors import (
    CorrectionNotVoidable,
    UnknownEntry,
    UnknownNumber,
    UnlawfulTransition,
)
from registry.certificate.tables import Certificate, Entry
from registry.journal.currency import require_up_to_date
from registry.journal.record import record_entries, runs_of
from registry.people.permission import NATIONAL, Act, Actor, require


class Status(StrEnum):
    """Where an entry stands. A row of a submission that no number was given to has no status at all.

    *Reinstated*: its suspension is lifted, and the public does not know it yet.
    """

    APPROVED = "approved"
    NUMBERED = "numbered"
    SIGNED = "signed"
    RELEASED = "released"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    VOID = "void"


class Action(StrEnum):
    """What moves an entry from one status to the next."""

    NUMBER = "number"
    SIGN = "sign"
    RELEASE = "release"
    VOID = "void"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    REVOKE = "revoke"
    SUPERSEDE = "supersede"


TRANSITIONS: dict[tuple[Status, Action], Status] = {
    (Status.APPROVED, Action.NUMBER): Status.NUMBERED,
    (Status.NUMBERED, Action.SIGN): Status.SIGNED,
    (Status.NUMBERED, Action.VOID): Status.VOID,
    (Status.SIGNED, Action.VOID): Status.VOID,
    (Status.SIGNED, Action.RELEASE): Status.RELEASED,
    (Status.RELEASED, Action.SUSPEND): Status.SUSPENDED,
    (Status.SUSPENDED, Action.REINSTATE): Status.REINSTATED,
    (Status.REINSTATED, Action.RELEASE): Status.RELEASED,
    (Status.REINSTATED, Action.SUSPEND): Status.SUSPENDED,
    (Status.RELEASED, Action.REVOKE): Status.REVOKED,
    (Status.SUSPENDED, Action.REVOKE): Status.REVOKED,
    (Status.REINSTATED, Action.REVOKE): Status.REVOKED,
    (Status.RELEASED, Action.SUPERSEDE): Status.SUPERSEDED,
}

WAS_RELEASED: Final = frozenset(
    {Status.RELEASED, Status.SUSPENDED, Status.REINSTATED, Status.REVOKED, Status.SUPERSEDED}
)
"""What people hold, or held: the statuses that follow a release."""

UNRELEASED: Final = (Status.NUMBERED, Status.SIGNED)
"""What may be released yet, and nobody holds."""

FINAL: Final = (Status.VOID, Status.REVOKED, Status.SUPERSEDED)
"""What nothing follows."""

SHOWN_SUSPENDED: Final = (Status.SUSPENDED, Status.REINSTATED)
"""What the public is told to be suspended."""


class Reason(StrEnum):
    """Why a certificate was suspended or revoked. 虚假承诺: RULES of 告知承诺制, N 三(五)."""

    FALSE_DECLARATION = "false_declaration"
    EXAM_FRAUD = "exam_fraud"
    ISSUED_IN_ERROR = "issued_in_error"
    BODY_VIOLATION = "body_violation"
    UNDER_INVESTIGATION = "under_investigation"
    HOLDER_REQUEST = "holder_request"
    INVESTIGATION_CLOSED = "investigation_closed"
    # Of numbers that a stolen key was to sign, and of nothing else; so it is not offered.
    KEY_DISTRUSTED = "key_distrusted"


# What is offered for which act; all of them are kept in the journal as given.
REASONS_FOR: dict[Action, tuple[Reason, ...]] = {
    Action.SUSPEND: (
        Reason.UNDER_INVESTIGATION,
        Reason.EXAM_FRAUD,
        Reason.BODY_VIOLATION,
        Reason.HOLDER_REQUEST,
    ),
    Action.REINSTATE: (Reason.INVESTIGATION_CLOSED, Reason.HOLDER_REQUEST),
    Action.REVOKE: (
        Reason.FALSE_DECLARATION,
        Reason.EXAM_FRAUD,
        Reason.ISSUED_IN_ERROR,
        Reason.BODY_VIOLATION,
        Reason.HOLDER_REQUEST,
    ),
}


@dataclass(frozen=True, slots=True)
class Change:
    """What an act on a certificate did: the entry it touched, and its status before and after."""

    entry: int
    before: Status
    after: Status


def next_status(status: Status, action: Action) -> Status:
    """Return the status that follows, or raise ``UnlawfulTransition``."""
    try:
        return TRANSITIONS[status, action]
    except KeyError:
        raise UnlawfulTransition(action, status) from None


def suspend(session: Session, actor: Actor, number: str, reason: Reason, *, now: datetime) -> Change:
    """Suspend the current version of a certificate; it can be reinstated."""
    return _act_on_number(session, actor, number, Action.SUSPEND, reason, now=now)


def reinstate(session: Session, actor: Actor, number: str, reason: Reason, *, now: datetime) -> Change:
    """Lift a suspension; the public is told with the next release, once the log's witness has signed it.

    Raises ``RegisterOutdated`` too, as nothing else of these acts does.
    """
    require_up_to_date(session)
    return _act_on_number(session, actor, number, Action.REINSTATE, reason, now=now)


def revoke(session: Session, actor: Actor, number: str, reason: Reason, *, now: datetime) -> Change:
    """Revoke the current version of a certificate, for ever."""
    return _act_on_number(session, actor, number, Action.REVOKE, reason, now=now)


def void(session: Session, actor: Actor, entry_number: int, reason: Reason, *, now: datetime) -> Change:
    """Void an entry that was numbered, perhaps signed, but never released; its number stays used.

    Only a number's first version: the signer's journal would keep a voided correction as the number's last entry
    and refuse the next correction, which names the version that people hold. Raises ``CorrectionNotVoidable``,
    ``UnknownEntry`` or ``UnlawfulTransition``.
    """
    entry = session.get(Entry, entry_number, with_for_update=True)
    if entry is None:
        raise UnknownEntry(entry_number)
    require(actor, Act.VOID, scope=NATIONAL)
    if entry.version is not None and entry.version > 1:
        raise CorrectionNotVoidable(entry.entry, entry.version)
    return _move(session, actor, entry, Action.VOID, reason, now=now)


def current_entry(session: Session, number: str, *, lock: bool = False) -> Entry:
    """Return the newest released version of a certificate, whatever became of it since.

    A correction that is still on its way is not current, so an act always falls on what people hold.
    Raises ``UnknownNumber``, also for a number whose only version was never released.
    """
    query = (
        select(Entry)
        .join(Certificate)
        .where(Certificate.number == number, Entry.status.not_in((*UNRELEASED, Status.VOID)))
        .order_by(Entry.version.desc())
        .limit(1)
    )
    entry = session.scalars(query.with_for_update(of=Entry) if lock else query).one_or_none()
    if entry is None:
        raise UnknownNumber(number)
    return entry


MOVE_RUN = (
    update(Entry.__table__)  # type: ignore[arg-type]
    .where(Entry.entry.between(bindparam("first"), bindparam("last")))
    .values(status=bindparam("after"), changed_at=bindparam("now"))
)
"""Gives the entries ``first..last`` the status ``after``; events are for the caller."""


def move_all(
    session: Session,
    actor: Actor,
    entries: Sequence[int],
    before: Status,
    action: Action,
    *,
    now: datetime,
    reason: Reason | None = None,
) -> None:
    """Move entries on by one action, with an event for each run of them, in two statements.

    ``reason`` is ``None`` for what happens to every entry on its road.
    The caller asked permission, and holds the locks of all of them; all are in the status ``before``.
    """
    after, ordered = next_status(before, action), sorted(entries)
    runs = [{"first": first, "last": last, "after": after, "now": now} for first, last in runs_of(ordered)]
    if runs:
        session.connection().execute(MOVE_RUN, runs)
    told: dict[str, Any] = {"before": before, "after": after} | ({"reason": reason} if reason else {})
    record_entries(session, action, ordered, at=now, by=actor.account_id, **told)


def _act_on_number(
    session: Session, actor: Actor, number: str, action: Action, reason: Reason, *, now: datetime
) -> Change:
    entry = current_entry(session, number, lock=True)
    require(actor, Act(action), scope=NATIONAL)
    return _move(session, actor, entry, action, reason, now=now)


def _move(
    session: Session, actor: Actor, entry: Entry, action: Action, reason: Reason, *, now: datetime
) -> Change:
    before = Status(entry.status)
    after = next_status(before, action)
    entry.status, entry.changed_at = after, now
    told: dict[str, Any] = {"before": before, "after": after, "reason": reason}
    record_entries(session, action, [entry.entry], at=now, by=actor.account_id, **told)
    return Change(entry.entry, before, after)
