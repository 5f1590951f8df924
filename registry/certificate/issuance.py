"""From approved results to numbers, entries and the exact bytes to be signed, all before any key is used.

The order is the safety. What will be signed is committed first (*numbered*), then signed (``signature``), then released
(``release``). A crash between any two leaves work that the next call finds by status alone and finishes with the same
bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from keys.crash_points import reach
from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Submission
from registry.certificate.approved import Approved, lock_submission, plan, results_to_number
from registry.certificate.batch import Batch, Made, OutOfEntries
from registry.certificate.epochs import pass_over
from registry.certificate.errors import BehindItsSigner, EpochNotOpen
from registry.certificate.numbering import OpenEpoch, find_open_epoch
from registry.database.sessions import Sessions
from registry.directory.profiles import NumberProfile
from registry.journal.currency import require_up_to_date
from registry.people.permission import NATIONAL, Act, Actor, require
from registry.review.confirmation import Confirmed

BATCH = 1000

_FINISH = (
    update(Submission.__table__)  # type: ignore[arg-type]
    .where(Submission.id.in_(bindparam("finished", expanding=True)))
    .values(all_numbered=True)
)

NOTHING_KNOWN: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(slots=True)
class Memory:
    """What one run of a worker need not work out twice; an empty one is always lawful, and so is a new one.

    ``confirmed`` holds the confirmed rows of submissions that were begun; ``numbered`` the bytes of entries that this
    run numbered and committed itself, with the evidence for them; ``signed`` the tokens that its own signer made of
    them. What it made itself need not be gathered, or verified, again.
    """

    confirmed: dict[UUID, Confirmed] = field(default_factory=dict)
    numbered: dict[int, Made] = field(default_factory=dict)
    signed: dict[int, bytes] = field(default_factory=dict)


def number_approved(
    sessions: Sessions,
    actor: Actor,
    submission_id: UUID,
    profile: NumberProfile,
    *,
    environment: str,
    now: datetime,
    known_entries: Mapping[str, int] = NOTHING_KNOWN,
    memory: Memory | None = None,
) -> int:
    """Number approved results of one submission, at most ``BATCH``: ``number_together`` of it alone."""
    return number_together(
        sessions,
        actor,
        [submission_id],
        profile,
        environment=environment,
        now=now,
        known_entries=known_entries,
        memory=memory,
    )


def number_together(
    sessions: Sessions,
    actor: Actor,
    submissions: Sequence[UUID],
    profile: NumberProfile,
    *,
    environment: str,
    now: datetime,
    known_entries: Mapping[str, int] = NOTHING_KNOWN,
    memory: Memory | None = None,
) -> int:
    """Number approved results of these submissions, in their order, at most ``BATCH``; return how many were numbered.

    Call again until it returns 0: then nothing waits, or (on PostgreSQL) other workers are at these submissions. Many
    small submissions share one transaction; so what keeps one from its numbers keeps all, and whoever asks for several
    asks again for each by itself. A batch that crosses an epoch's end is cut there. Durable afterwards: certificates,
    entries in status *numbered* with the exact bytes to be signed, series and entry counters, and an event for each run
    of entries. Raises ``NotPermitted``, ``SeriesNotOpen``, ``SeriesExhausted``, ``EpochNotOpen``, ``NumberingHeld``,
    ``NotACorrection``, ``ClockBehind``, ``BehindItsSigner``, ``RegisterOutdated``, or ``NotConfirmed`` if the rows are
    not what three people signed; then no number was used.

    ``known_entries`` gives the highest entry that others know of, by who they are (the signer's journal, the public
    status file), read before this call: a database that knows less is an old copy of the register.
    """
    memory = memory or Memory()

    def act(session: Session) -> tuple[_Gathered, Batch | None]:
        require(actor, Act.ISSUE, scope=NATIONAL)
        require_up_to_date(session)
        gathered = _gather(session, submissions, memory, environment=environment, now=now)
        approved = gathered.approved
        if not approved:
            _finish(session, gathered.finished_within(0))
            return gathered, None
        epoch = _epoch(session, actor, on=max(item.issued_on for item in approved), now=now)
        _require_up_to_date(epoch, known_entries)
        batch = Batch(profile, epoch, environment, now)
        batch.fix_bytes(session, approved[: epoch.entries_left])
        batch.insert(session, actor)
        _finish(session, gathered.finished_within(epoch.entries_left))
        reach("number.before_commit")
        return gathered, batch

    while True:
        try:
            gathered, batch = sessions.run(act, idempotent=True)
        except OutOfEntries:
            continue
        break
    reach("number.committed")
    memory.confirmed |= gathered.confirmed
    for submission_id in gathered.finished:
        memory.confirmed.pop(submission_id, None)
    if batch is None:
        return 0
    memory.numbered |= batch.made
    return len(batch.made)


@dataclass(slots=True)
class _Gathered:
    """The rows of one batch, what was found confirmed on the way, and the submissions that have no others.

    ``finished`` gives, for each of these, how many rows of the batch it takes until its last one is in.
    """

    approved: list[Approved] = field(default_factory=list)
    confirmed: dict[UUID, Confirmed] = field(default_factory=dict)
    finished: dict[UUID, int] = field(default_factory=dict)

    def finished_within(self, rows: int) -> list[UUID]:
        """Return the submissions that are finished if only the first ``rows`` of the batch get their numbers."""
        return [submission_id for submission_id, needed in self.finished.items() if needed <= rows]


def _gather(
    session: Session, submissions: Sequence[UUID], memory: Memory, *, environment: str, now: datetime
) -> _Gathered:
    """Lock submissions, until their rows fill a batch, and plan what becomes of them."""
    gathered = _Gathered()
    corrected: set[UUID] = set()
    for submission_id in submissions:
        submission = lock_submission(session, submission_id)
        if submission is None or submission.all_numbered:
            continue
        most, known = BATCH - len(gathered.approved), memory.confirmed.get(submission_id)
        results, confirmed = results_to_number(session, submission, known, environment=environment, most=most)
        planned = [] if confirmed is None else plan(session, submission, results, confirmed, now=now)
        corrects = {item.corrects.certificate_id for item in planned if item.corrects is not None}
        if corrects & corrected:
            # A version that this batch has yet to store could not be seen; the next batch will see it.
            continue
        corrected |= corrects
        gathered.approved += planned
        if confirmed is not None:
            gathered.confirmed[submission_id] = confirmed
        if submission.status == SubmissionStatus.APPROVED and len(results) < most:
            gathered.finished[submission_id] = len(gathered.approved)
        if len(gathered.approved) == BATCH:
            break
    return gathered


def _finish(session: Session, submissions: Sequence[UUID]) -> None:
    if submissions:
        session.connection().execute(_FINISH, {"finished": list(submissions)})


def _epoch(session: Session, actor: Actor, *, on: date, now: datetime) -> OpenEpoch:
    """Return the epoch of the next entry, behind what closed epochs left over. Raises ``EpochNotOpen``."""
    try:
        return find_open_epoch(session, on=on)
    except EpochNotOpen:
        if not pass_over(session, actor, on=on, now=now):
            raise
    return find_open_epoch(session, on=on)


def _require_up_to_date(epoch: OpenEpoch, known_entries: Mapping[str, int]) -> None:
    for witness, known in known_entries.items():
        if known > epoch.last:
            raise BehindItsSigner(epoch.last, known, witness)
