"""Rows of the assessment room. ID numbers and the file handed in are stored sealed (AES-GCM)."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.database.metadata import CHANGES, Base, came_later


class Submission(Base):
    """One exam of one body at one site in one province, as it was handed in and signed."""

    __tablename__ = "submission"
    # A body turns the pages of its own in the order of their receipt.
    __table_args__ = (
        UniqueConstraint("issuer", "content_digest"),
        Index("ix_submission_issuer_received_at", "issuer", "received_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    issuer: Mapped[str] = mapped_column(String(16), index=True)
    site_code: Mapped[str] = mapped_column(String(16))
    province: Mapped[str] = mapped_column(String(2))
    exam_started_on: Mapped[date]
    exam_ended_on: Mapped[date]
    received_at: Mapped[datetime]
    late: Mapped[bool]
    media_type: Mapped[str] = mapped_column(String(96))
    content_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    # Up to 128 MiB: read where it is opened, by name, and never with the row.
    sealed_content: Mapped[bytes] = mapped_column(deferred=True, deferred_raiseload=True)
    signature: Mapped[bytes]
    key_id: Mapped[bytes] = mapped_column(ForeignKey("enrolled_key.key_id"))
    submitted_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    status: Mapped[str] = mapped_column(String(16), index=True, info=CHANGES)
    # Whether it is approved and every row that passed has its entry: so what is finished is never looked through again.
    all_numbered: Mapped[bool] = mapped_column(index=True, info=CHANGES)
    late_reason: Mapped[str | None] = mapped_column(Text, info=came_later(None))


class Result(Base):
    """One person's result in one submission; failed ones too, for the statistics."""

    __tablename__ = "result"
    __table_args__ = (UniqueConstraint("submission_id", "row"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"))
    row: Mapped[int]
    name_received: Mapped[str] = mapped_column(Text)
    holder_name: Mapped[str] = mapped_column(String(168))
    id_type: Mapped[str] = mapped_column(String(32))
    sealed_id_number: Mapped[bytes]
    id_match: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    edition: Mapped[int]
    occupation: Mapped[int]
    direction: Mapped[int | None]
    level: Mapped[int]
    theory: Mapped[int]
    practice: Mapped[int]
    passed: Mapped[bool]
    issued_on: Mapped[date | None]
    # An entry. No foreign key: entries point at results, and two tables must not point at each other.
    corrects: Mapped[int | None] = mapped_column(BigInteger)
    correction_reason: Mapped[str | None] = mapped_column(Text)
    blinding: Mapped[bytes] = mapped_column(LargeBinary(16))
    id_check: Mapped[int | None] = mapped_column(info=CHANGES)
    returned_at_step: Mapped[str | None] = mapped_column(String(16), info=CHANGES)
    absent_theory: Mapped[bool] = mapped_column(info=came_later(False))
    absent_practice: Mapped[bool] = mapped_column(info=came_later(False))
    training_certificate: Mapped[str | None] = mapped_column(String(64), info=came_later(None))
    training_hours: Mapped[int | None] = mapped_column(info=came_later(None))
    # SHA-256 of the photo as the register keeps it.
    photo: Mapped[bytes | None] = mapped_column(LargeBinary(32), info=came_later(None))
