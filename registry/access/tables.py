"""Rows of the access room: what keeps a request from counting twice. No evidence; a restored register starts without.

A restore forgets nonces and answers. What was signed before it and is caught and sent again within five minutes would
count once more; an act that may not happen twice is kept from it by its own rows, not by these.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.database.metadata import Base


class RequestNonce(Base):
    """A nonce that a key has used up, and what its request cost its body; forgotten after ``expires_at``."""

    __tablename__ = "request_nonce"
    __table_args__ = (Index("ix_request_nonce_issuer_seen_at", "issuer", "seen_at"),)

    key_id: Mapped[bytes] = mapped_column(LargeBinary(4), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(16))
    cost: Mapped[int]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class KeptAnswer(Base):
    """A request that its body named by an Idempotency-Key, and how it was answered.

    ``sealed`` is ``None`` while ``attempt`` works on it, at most until ``held_until``; whoever asks later takes it over
    with the same ``resource_id``, so that what a killed attempt has made is met again, not made twice.
    """

    __tablename__ = "idempotency"

    issuer: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    request_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    resource_id: Mapped[UUID]
    attempt: Mapped[UUID]
    held_until: Mapped[datetime]
    sealed: Mapped[bytes | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
