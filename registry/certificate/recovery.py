"""What the signer is shown of entries that this run did not number itself: gathered from the register, and doubted.

After a crash, and where another worker numbered, nothing is known but what is stored; so the rows are held against the
three decisions once more, and the bytes against the rows. A row that was written or changed behind the register's back
is found here, before the signer is asked, which would refuse it too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from keys.signer.request import Evidence
from registry.assessment.tables import Result, Submission
from registry.certificate.agreement import Numbered, require_as_confirmed
from registry.certificate.batch import Made
from registry.certificate.errors import NotAsConfirmed
from registry.certificate.tables import Certificate, Entry, Series
from registry.database.typed_rows import OddRow, TypedQuery
from registry.directory.profiles import Profiles
from registry.errors import RegistryError
from registry.review.confirmation import Confirmed, require_confirmed
from registry.review.errors import NotConfirmed, NotEvidence
from registry.review.rows import SUBMISSION, stored_results, stored_submission

_OWNERS: dict[str, Any] = {
    **dict.fromkeys(("entry", "key_id", "to_be_signed", "numbered_at"), Entry),
    **dict.fromkeys(("number", "profile"), Certificate),
}
_CORRECTED = aliased(Entry)

# Made once: making a query takes longer than running it.
_NUMBERED = TypedQuery(
    select(
        Result.submission_id,
        Result.id,
        Series.opening,
        _CORRECTED.to_be_signed,
        *(getattr(_OWNERS.get(name, Result), name) for name in Numbered._fields),
    )
    .select_from(Entry)
    .join(Result, Result.id == Entry.result_id)
    .join(Certificate, Certificate.id == Entry.certificate_id)
    .join(Series, Series.key == Certificate.series_key)
    .outerjoin(_CORRECTED, _CORRECTED.entry == Result.corrects)
    .where(Entry.entry.in_(bindparam("entries", expanding=True)))
    .order_by(Entry.entry)
)
_SUBMISSION = TypedQuery(select(*SUBMISSION).where(Submission.id == bindparam("submission")))
_ENTRY = 4 + Numbered._fields.index("entry")
"""Its place in a row of ``_NUMBERED``."""


@dataclass(slots=True)
class Recovered:
    """What may be shown to the signer, by entry, and why the others may not."""

    made: dict[int, Made] = field(default_factory=dict)
    refused: dict[int, Exception] = field(default_factory=dict)


def recover(session: Session, entries: Sequence[int], profiles: Profiles, *, environment: str) -> Recovered:
    """Gather what shows that these entries may be signed; an entry that is refused keeps no other waiting.

    The refusals are ``NotAsConfirmed``, and ``NotConfirmed`` for all entries of a submission.
    """
    recovered = Recovered()
    submissions: dict[UUID, Confirmed | NotConfirmed] = {}
    for row in _NUMBERED.read(session, {"entries": list(entries)}):
        if isinstance(row, OddRow):
            recovered.refused[row.values[_ENTRY]] = NotAsConfirmed(row.values[_ENTRY], row.column)
            continue
        submission_id, result_id, opening, corrected, *rest = row
        numbered = Numbered._make(rest)
        if submission_id not in submissions:
            submissions[submission_id] = _confirmed(session, submission_id, environment=environment)
        try:
            made = _made(numbered, submissions[submission_id], result_id, opening, corrected, profiles)
        except RegistryError as refusal:
            recovered.refused[numbered.entry] = refusal
            continue
        recovered.made[numbered.entry] = made
    for entry in set(entries) - recovered.made.keys() - recovered.refused.keys():
        recovered.refused[entry] = NotAsConfirmed(entry)
    return recovered


def _confirmed(session: Session, submission_id: UUID, *, environment: str) -> Confirmed | NotConfirmed:
    (row,) = _SUBMISSION.read(session, {"submission": submission_id})
    try:
        submission = stored_submission(submission_id, row)
        results = stored_results(session, submission_id)
        return require_confirmed(session, submission, results, environment=environment)
    except NotEvidence as refusal:
        return NotConfirmed(submission_id, str(refusal))
    except NotConfirmed as refusal:
        return refusal


def _made(
    numbered: Numbered,
    confirmed: Confirmed | NotConfirmed,
    result_id: UUID,
    opening: bytes | None,
    corrected: bytes | None,
    profiles: Profiles,
) -> Made:
    if isinstance(confirmed, NotConfirmed):
        raise confirmed
    require_as_confirmed(numbered, profiles)
    leaf = confirmed.leaves.get(result_id)
    if leaf is None:
        raise NotAsConfirmed(numbered.entry)
    evidence = Evidence(confirmed.decisions, confirmed.hashes)
    return Made(numbered.to_be_signed, evidence, leaf, None if corrected else opening, corrected)
