"""The acts that the journal may name: what each is done to, whether it vouches for rows, and who may do it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.tables import Submission
from registry.audit.finding import Finding, Kind
from registry.certificate.abandonment import FREE_RESULT
from registry.certificate.ceremonies import KEY_CEREMONY
from registry.certificate.epochs import CLOSE_EPOCH, PASS_OVER
from registry.certificate.lifecycle import Action
from registry.certificate.opening import OPEN, SIGN
from registry.certificate.tables import Epoch, Series
from registry.journal.chain import WRITTEN, Written
from registry.journal.tables import Event
from registry.people.accounts import load_actors
from registry.people.body_keys import REVOKE_KEY
from registry.people.permission import NATIONAL, Act, may
from registry.people.tables import Account
from registry.request.kinds import ASK
from registry.request.tables import CertificateRequest
from signing.evidence import Step

RESTORE: Final = "restore"
READMIT: Final = "readmit"
STATE_HIGHEST: Final = "state_highest"
HOLD_NUMBERING: Final = "hold_numbering"
LOG_READMIT: Final = "log_readmit"
MOVES: Final = frozenset({*Action} - {Action.NUMBER})


class Subject(StrEnum):
    """What an act is done to, as the first part of the event's subject."""

    REGISTER = "register"
    DIRECTORY = "directory"
    ACCOUNT = "account"
    SERIES = "series"
    EPOCH = "epoch"
    SUBMISSION = "submission"
    REQUEST = "request"
    ENTRIES = "entries"


@dataclass(frozen=True, slots=True)
class ActShape:
    """What an act can be done to; ``vouches``: its event has a digest, ``None`` where it may have one or not.

    ``needs`` is what the actor must be able to do, ``None`` where that is asked elsewhere or nobody acts.
    """

    subjects: tuple[Subject, ...]
    vouches: bool | None
    needs: Act | None = None


def _on_entries(needs: Act, *, vouches: bool = False) -> ActShape:
    return ActShape((Subject.ENTRIES,), vouches, needs)


ACTS: Final[Mapping[str, ActShape]] = {
    "found": ActShape((Subject.REGISTER,), True),
    "load_directory": ActShape((Subject.DIRECTORY,), True),
    "create_account": ActShape((Subject.ACCOUNT,), True),
    "enrol_key": ActShape((Subject.ACCOUNT,), True),
    # Whether he might is asked where the body is known whose key it is.
    REVOKE_KEY: ActShape((Subject.ACCOUNT,), False),
    OPEN: ActShape((Subject.SERIES,), True, Act.OPEN_SERIES),
    SIGN: ActShape((Subject.SERIES,), False, Act.OPEN_SERIES),
    "open_epoch": ActShape((Subject.EPOCH,), True, Act.OPEN_EPOCH),
    CLOSE_EPOCH: ActShape((Subject.EPOCH,), False, Act.CLOSE_EPOCH),
    KEY_CEREMONY: ActShape((Subject.REGISTER,), False, Act.OPEN_EPOCH),
    "submit": ActShape((Subject.SUBMISSION,), True),
    "check_ids": ActShape((Subject.SUBMISSION,), True),
    "withdraw": ActShape((Subject.SUBMISSION,), True),
    **{f"decide_{step}": ActShape((Subject.SUBMISSION,), True) for step in Step},
    ASK: ActShape((Subject.REQUEST,), True),
    "grant_request": ActShape((Subject.REQUEST,), True, Act.DECIDE_REQUEST),
    "decline_request": ActShape((Subject.REQUEST,), True, Act.DECIDE_REQUEST),
    "withdraw_request": ActShape((Subject.REQUEST,), True),
    Action.NUMBER: _on_entries(Act.ISSUE, vouches=True),
    Action.SIGN: _on_entries(Act.ISSUE),
    Action.RELEASE: _on_entries(Act.ISSUE),
    Action.SUPERSEDE: _on_entries(Act.ISSUE),
    Action.VOID: _on_entries(Act.VOID),
    Action.SUSPEND: _on_entries(Act.SUSPEND),
    Action.REINSTATE: _on_entries(Act.REINSTATE),
    Action.REVOKE: _on_entries(Act.REVOKE),
    PASS_OVER: _on_entries(Act.ISSUE, vouches=True),
    FREE_RESULT: _on_entries(Act.VOID),
    RESTORE: ActShape((Subject.REGISTER, Subject.SERIES, Subject.ENTRIES), None, Act.VOID),
    READMIT: _on_entries(Act.ISSUE, vouches=True),
    STATE_HIGHEST: ActShape((Subject.REGISTER,), False, Act.VOID),
    HOLD_NUMBERING: ActShape((Subject.REGISTER,), False, Act.VOID),
    LOG_READMIT: ActShape((Subject.REGISTER,), None, Act.VOID),
}


class Stored(NamedTuple):
    """An event as it is stored."""

    id: int
    at: datetime
    actor_id: UUID | None
    act: str
    subject: str
    details: dict[str, Any]
    first_entry: int | None
    last_entry: int | None
    digest: bytes | None
    place: int | None
    hash: bytes | None
    leaf: int | None = None

    @property
    def key(self) -> str:
        """The event's key as text."""
        return str(self.id)

    @property
    def written(self) -> Written:
        """The columns that its hash is made of."""
        return Written._make(self[: len(Written._fields)])


STORED = (*WRITTEN, Event.place, Event.hash, Event.leaf)
"""The columns of ``Stored``, to be selected."""

IN_ORDER = (Event.place.is_(None), Event.place, Event.id)
"""The order in which events count: by place, those without one last."""


def faults_of(events: Iterable[Stored], session: Session, *, last_entry: int) -> Iterator[Finding]:
    """Yield what is wrong with these events by themselves: act, subject, run, digest, and who did it."""
    page = list(events)
    known = _Subjects.read(session, page)
    for event in page:
        for what in _faults(event, known, last_entry):
            yield Finding(Kind.JOURNAL, "event", event.key, what)


def _faults(event: Stored, known: "_Subjects", last_entry: int) -> Iterator[str]:
    shape, subject = ACTS.get(event.act), subject_of(event.subject)
    if shape is None:
        yield "it names an act that there is not"
        return
    if subject not in shape.subjects:
        yield f"its subject {event.subject} is nothing that its act is done to"
        return
    if shape.vouches is not None and shape.vouches != (event.digest is not None):
        yield "it vouches for rows, and its act wrote none" if event.digest else "it should vouch for rows"
    if subject is Subject.ENTRIES:
        yield from _run_faults(event, last_entry)
    elif (event.first_entry, event.last_entry) != (None, None):
        yield "it names entries, and its act is about none"
    elif not known.has(subject, event.subject):
        yield f"its subject {event.subject} is not in the register"
    if shape.needs is not None and not known.may(event.actor_id, shape.needs):
        yield "whoever did it may not do it"


def subject_of(text: str) -> Subject | None:
    """Return the kind of an event's subject, ``None`` for none of ours."""
    kind = text.partition(":")[0]
    if kind == "entry":
        return Subject.ENTRIES
    return Subject(kind) if kind in list(Subject) else None


def _run_faults(event: Stored, last_entry: int) -> Iterator[str]:
    first, last = event.first_entry, event.last_entry
    if first is None or last is None or not 1 <= first <= last <= last_entry:
        yield f"its run of entries {first} to {last} is not in the register"
    elif event.subject != (f"entry:{first}" if first == last else f"entries:{first}-{last}"):
        yield f"its subject {event.subject} is not its run of entries {first} to {last}"


@dataclass(frozen=True, slots=True)
class _Subjects:
    """Which subjects of a page of events are there, and what their actors may do."""

    present: Mapping[Subject, frozenset[str]]
    allowed: Mapping[UUID, frozenset[Act]]

    @classmethod
    def read(cls, session: Session, events: list[Stored]) -> "_Subjects":
        named: dict[Subject, set[str]] = {subject: set() for subject in Subject}
        for event in events:
            subject = subject_of(event.subject)
            if subject is not None:
                named[subject].add(event.subject.partition(":")[2])
        present = {
            Subject.ACCOUNT: _ids(session, Account.id, named[Subject.ACCOUNT]),
            Subject.SUBMISSION: _ids(session, Submission.id, named[Subject.SUBMISSION]),
            Subject.REQUEST: _ids(session, CertificateRequest.id, named[Subject.REQUEST]),
            Subject.SERIES: frozenset(
                session.scalars(select(Series.key).where(Series.key.in_(named[Subject.SERIES])))
            ),
            Subject.EPOCH: frozenset(key_id.hex() for key_id in session.scalars(select(Epoch.key_id))),
        }
        actors = load_actors(session, {event.actor_id for event in events if event.actor_id is not None})
        allowed = {
            account: frozenset(act for act in Act if may(actor, act, scope=NATIONAL))
            for account, actor in actors.items()
        }
        return cls(present, allowed)

    def has(self, subject: Subject, text: str) -> bool:
        key = text.partition(":")[2]
        return key in self.present[subject] if subject in self.present else not key

    def may(self, actor: UUID | None, act: Act) -> bool:
        return actor is not None and act in self.allowed.get(actor, ())


def _ids(session: Session, column: Any, texts: set[str]) -> frozenset[str]:
    wanted = []
    for text in texts:
        try:
            wanted.append(UUID(text))
        except ValueError:
            continue
    if not wanted:
        return frozenset()
    return frozenset(str(found) for found in session.scalars(select(column).where(column.in_(wanted))))
