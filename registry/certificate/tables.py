"""Rows of the certificate room: epochs, series, certificates and their entries.

A *certificate* is a number; an *entry* is one version of it. What an entry says stands in its
``to_be_signed`` bytes and nowhere else, so that no column can contradict the token.
"""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.database.metadata import CHANGES, Base


class Epoch(Base):
    """The time of one issuing key: the block of entries it may sign. The key itself is in ``keys``."""

    __tablename__ = "epoch"

    key_id: Mapped[bytes] = mapped_column(LargeBinary(4), primary_key=True)
    first_entry: Mapped[int] = mapped_column(BigInteger, unique=True)
    last_entry: Mapped[int] = mapped_column(BigInteger, unique=True)
    last_on: Mapped[date]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(info=CHANGES)


class EntryCounter(Base):
    """One row: the last entry given in the whole register.

    ``held_because`` says why nothing is numbered, in words for the operator; ``None`` in a register in good order.
    """

    __tablename__ = "entry_counter"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(BigInteger)
    held_because: Mapped[str | None] = mapped_column(String(200))


class Series(Base):
    """One run of serial numbers; ``issued`` is N, and the numbers given are exactly 1..N.

    ``opening`` is the registrar's signed word, ``None`` for a series that a restore found and nobody opened again.
    """

    __tablename__ = "series"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    profile: Mapped[int]
    issued: Mapped[int] = mapped_column(info=CHANGES)
    opened_at: Mapped[datetime]
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    opening: Mapped[bytes | None] = mapped_column(info=CHANGES)


class Certificate(Base):
    """A number, given once and for ever."""

    __tablename__ = "certificate"
    __table_args__ = (UniqueConstraint("series_key", "serial"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    profile: Mapped[int]
    series_key: Mapped[str] = mapped_column(ForeignKey("series.key"))
    serial: Mapped[int]


class Entry(Base):
    """One version of a certificate: the exact bytes to be signed, then the token, then its fate.

    An entry that was lost with a database, and is known from the signer's journal or by an operator's word alone, has
    neither result nor bytes; its certificate and version are ``None`` too if nobody knows its number.
    """

    __tablename__ = "entry"
    # What waits for a step is found in the order of entries, without looking through what is done.
    __table_args__ = (
        UniqueConstraint("certificate_id", "version"),
        Index("ix_entry_status_entry", "status", "entry"),
    )

    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    certificate_id: Mapped[UUID | None] = mapped_column(ForeignKey("certificate.id"))
    version: Mapped[int | None]
    result_id: Mapped[UUID | None] = mapped_column(ForeignKey("result.id"), unique=True)
    key_id: Mapped[bytes] = mapped_column(ForeignKey("epoch.key_id"))
    to_be_signed: Mapped[bytes | None]
    token: Mapped[bytes | None] = mapped_column(info=CHANGES)
    status: Mapped[str] = mapped_column(String(16), info=CHANGES)
    numbered_at: Mapped[datetime]
    changed_at: Mapped[datetime] = mapped_column(info=CHANGES)
