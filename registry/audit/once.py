"""What is asked once, of whole tables: the head, the small tables, the counters, rows that hang on nothing."""

from collections.abc import Callable, Iterable
from functools import partial

from sqlalchemy import true
from sqlalchemy.orm import Session

from registry.audit.evidence import Evidence
from registry.audit.finding import Finding
from registry.audit.journal import head_faults, waiting_faults
from registry.audit.log_lost import lost_faults
from registry.audit.log_seen import row_questions
from registry.audit.numbers import counter_faults, epoch_faults, series_faults, version_faults
from registry.audit.plan import last_entry
from registry.audit.reading import guarded, unreadable, unreadable_rows, whole
from registry.audit.requests import request_faults
from registry.audit.spare import alone_faults, hold_faults
from registry.audit.standing import standing_faults
from registry.audit.storage import integrity_faults, orphan_faults
from registry.audit.stored_form import form_faults, spelling_faults
from registry.audit.submission_rows import columns_of
from registry.audit.tasks import Scope
from registry.certificate.tables import EntryCounter, Epoch, Series
from registry.database.metadata import Base
from registry.directory.coverage import TABLES as DIRECTORY
from registry.foundation.tables import Charter
from registry.journal.tables import Event, JournalHead, LogHead, LostLeaf
from registry.people.tables import Account, Appointment, EnrolledKey
from registry.request.tables import CertificateRequest

Question = Callable[[Session], Iterable[Finding]]
SMALL: tuple[type[Base], ...] = (
    Charter, *DIRECTORY, Account, Appointment, EnrolledKey, Series, Epoch, EntryCounter, JournalHead, LogHead,
    LostLeaf, CertificateRequest, Event,
)  # fmt: skip


def once_faults(session: Session, *, evidence: Evidence, scope: Scope) -> list[Finding]:
    """Return what is wrong; a table with a row that can not be read does not keep the others from being asked."""
    # Several questions may be about one table.
    questions: dict[str, Question] = {
        "journal_head": head_faults,
        # Asked anew: an act since then may have given more entries, and its event waits here.
        "event": partial(waiting_faults, last_entry=last_entry(session)),
        "account": standing_faults,
        "certificate_request": request_faults,
        "series": series_faults,
        "entry_counter": counter_faults,
        "certificate": version_faults,
        "epoch": partial(epoch_faults, evidence=evidence),
        "result": orphan_faults,
        "certificate/alone": partial(alone_faults, spare=scope.spare),
        "entry_counter/held": hold_faults,
        "event/spelling": spelling_faults,
    }
    if evidence.trust is not None:
        has_log = evidence.policy is not None
        questions |= {
            "log_head": partial(row_questions, has_log=has_log),
            "lost_leaf": partial(lost_faults, has_log=has_log),
        }
    if scope.whole:
        # They read every page of the file.
        questions |= {"*": integrity_faults, "*/form": form_faults}
    found: list[Finding] = []
    readable = True
    for name, question in questions.items():
        table = name.partition("/")[0]
        findings, error = whole(partial(question, session))
        found += findings
        if error is not None:
            readable = False
            found.append(unreadable(table, "*", error))
    if not readable:
        for small in SMALL:
            found += guarded(
                small.__tablename__, "*", partial(unreadable_rows, session, columns_of(small), true())
            )
    return found
