"""Rows of the work room: how the jobs and the workers are getting on. No evidence; a restored register starts without.

What there is to do is never written down here: it follows from the state of submissions, entries and events.
"""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from registry.database.metadata import Base


class JobRecord(Base):
    """One kind of work (numbering, signing, …), and when it last went well.

    ``failures`` counts those since the last success; ``failure`` is the last one's text, without any person in it.
    """

    __tablename__ = "job_record"

    job: Mapped[str] = mapped_column(String(32), primary_key=True)
    last_success_at: Mapped[datetime | None]
    last_failure_at: Mapped[datetime | None]
    failures: Mapped[int]
    failure: Mapped[str | None] = mapped_column(String(400))


class WorkerRecord(Base):
    """One worker that runs or ran; ``name`` is host, process and start.

    ``stopped_at`` is ``None`` unless it ended in good order; ``doing`` is the job that it was last seen at.
    """

    __tablename__ = "worker_record"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    doing: Mapped[str | None] = mapped_column(String(120))
