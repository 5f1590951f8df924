"""Rows of the journal. Events are only ever inserted; their place in the chain is given afterwards.

An event says what was done, to which subject, by whom and when. Its ``digest`` covers the rows that the act wrote, so
that every row of evidence is vouched for by exactly one event; what may change in a row afterwards is the sum of its
events.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.database.metadata import Base


class Event(Base):
    """One act, written in the transaction that did it.

    ``first_entry`` and ``last_entry`` are the run of consecutive entries that it was done to, ``None`` for an act on
    something else. ``digest`` is SHA-256 over the rows it wrote (``row_digest``), ``None`` for an act that wrote none.
    ``place`` and ``hash`` are ``None`` until the sequencer came by. ``leaf`` is the place in the public log of the
    first leaf that the act has there, one for each entry of its run; ``None`` until then, and of an act without leaf.
    """

    __tablename__ = "event"
    # Which act made an entry's leaf: the one of its kind with the nearest first entry.
    __table_args__ = (Index("ix_event_act_first_entry", "act", "first_entry"),)

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
    leaf: Mapped[int | None] = mapped_column(BigInteger, unique=True)


class JournalHead(Base):
    """One row: the last place that was given, and the hash there. Its lock makes the sequencer one."""

    __tablename__ = "journal_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class LogHead(Base):
    """One row: how far the register knows the public log to have grown.

    ``size`` leaves and the ``root`` over them are signed by the log, and their files are written; they tell of the
    acts up to ``place`` in the journal's chain. Of these, ``cosigned`` leaves are in a checkpoint that enough witnesses
    signed. ``behind`` says, in words for the operator, why this register must not go on: others know a longer log.
    """

    __tablename__ = "log_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    cosigned: Mapped[int] = mapped_column(BigInteger)
    behind: Mapped[str | None] = mapped_column(String(300))


class LostLeaf(Base):
    """A leaf of the public log whose act was lost with a database: kept as the log has it, at its place."""

    __tablename__ = "lost_leaf"

    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    leaf: Mapped[bytes]
