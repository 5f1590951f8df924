"""Rows of the journal. Events are only ever inserted; their place in the chain is given afterwards.

An event says what was done, to which subject, by whom and when. Its ``digest`` covers the rows that the act wrote, so
that every row of evidence is vouched for by exactly one event; what may change in a row afterwards is the sum of its
events.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.database.metadata import Base


class Event(Base):
    """One act, written in the transaction that did it.

    ``first_entry`` and ``last_entry`` are the run of consecutive entries that it was done to, ``None`` for an act on
    something else. ``digest`` is SHA-256 over the rows it wrote (``row_digest``), ``None`` for an act that wrote none.
    ``place`` and ``hash`` are ``None`` until the sequencer came by.
    """

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    act: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    first_entry: Mapped[int | None] = mapped_column(BigInteger, index=True)
    last_entry: Mapped[int | None] = mapped_column(BigInteger)
    digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    place: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class JournalHead(Base):
    """One row: the last place that was given, and the hash there. Its lock makes the sequencer one."""

    __tablename__ = "journal_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))
