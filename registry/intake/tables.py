"""Rows of the intake room: what bodies took back. What they handed in stands in the assessment room."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.database.metadata import Base


class Withdrawal(Base):
    """One submission that its body withdrew before anybody decided on it.

    ``replaced_by`` is the submission that was handed in for it in the same moment, ``None`` if none was.
    """

    __tablename__ = "withdrawal"

    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    withdrawn_at: Mapped[datetime]
    withdrawn_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    key_id: Mapped[bytes] = mapped_column(ForeignKey("enrolled_key.key_id"))
    replaced_by: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id"), unique=True)
