"""Rows of the request room: what was asked, by whom, and how it ended."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from registry.database.metadata import CHANGES, Base


class CertificateRequest(Base):
    """One request of a body about one version of a certificate.

    What it ended with is ``None`` while it is open: who decided and when, a registrar's ``answer`` to the body, and the
    submission that brings the ``correction``. A body that withdraws its own decides that itself.
    """

    __tablename__ = "certificate_request"
    __table_args__ = (Index("ix_certificate_request_issuer_requested_at", "issuer", "requested_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    issuer: Mapped[str] = mapped_column(String(16))
    number: Mapped[str] = mapped_column(String(32))
    entry: Mapped[int] = mapped_column(BigInteger, ForeignKey("entry.entry"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    requested_at: Mapped[datetime]
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    key_id: Mapped[bytes] = mapped_column(ForeignKey("enrolled_key.key_id"))
    status: Mapped[str] = mapped_column(String(16), index=True, info=CHANGES)
    decided_at: Mapped[datetime | None] = mapped_column(info=CHANGES)
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), info=CHANGES)
    answer: Mapped[str | None] = mapped_column(Text, info=CHANGES)
    correction: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id"), info=CHANGES)
