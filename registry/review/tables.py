"""Rows of the review room: decisions as they were signed, and the rows they sent back."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.database.metadata import Base


class SignedDecision(Base):
    """One reviewer's decision on one submission at one step; ``signed`` is the evidence."""

    __tablename__ = "signed_decision"
    __table_args__ = (UniqueConstraint("submission_id", "step"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"))
    step: Mapped[str] = mapped_column(String(16))
    jurisdiction: Mapped[str] = mapped_column(String(16))
    rows_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    rows: Mapped[int]
    decided_at: Mapped[datetime]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    key_id: Mapped[bytes] = mapped_column(ForeignKey("enrolled_key.key_id"))
    signed: Mapped[bytes]


class ReturnedRow(Base):
    """A row that a decision sent back to the body, and why."""

    __tablename__ = "returned_row"

    decision_id: Mapped[UUID] = mapped_column(ForeignKey("signed_decision.id"), primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
