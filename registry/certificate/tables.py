"""Rows of the certificate room: epochs, series, certificates and their entries.

A *certificate* is a number; an *entry* is one version of it. What an entry says stands in its
``to_be_signed`` bytes and nowhere else, so that no column can contradict the token.
"""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.database.metadata import Base


class Epoch(Base):
    """The time of one issuing key: the block of entries it may sign. The key itself is in ``keys``."""

    __tablename__ = "epoch"

    key_id: Mapped[bytes] = mapped_column(LargeBinary(4), primary_key=True)
    first_entry: Mapped[int] = mapped_column(BigInteger, unique=True)
    last_entry: Mapped[int] = mapped_column(BigInteger, unique=True)
    last_on: Mapped[date]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class EntryCounter(Base):
    """One row: the last entry given in the whole register."""

    __tablename__ = "entry_counter"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(BigInteger)


class Series(Base):
    """One run of serial numbers; ``issued`` is N, and the numbers given are exactly 1..N."""

    __tablename__ = "series"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    profile: Mapped[int]
    issued: Mapped[int]
    opened_at: Mapped[datetime]
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))


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
    """One version of a certificate: the exact bytes to be signed, then the token, then its fate."""

    __tablename__ = "entry"
    __table_args__ = (UniqueConstraint("certificate_id", "version"),)

    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    certificate_id: Mapped[UUID] = mapped_column(ForeignKey("certificate.id"))
    version: Mapped[int]
    result_id: Mapped[UUID] = mapped_column(ForeignKey("result.id"), unique=True)
    key_id: Mapped[bytes] = mapped_column(ForeignKey("epoch.key_id"))
    to_be_signed: Mapped[bytes]
    token: Mapped[bytes | None]
    status: Mapped[str] = mapped_column(String(16), index=True)
    numbered_at: Mapped[datetime]
    changed_at: Mapped[datetime]
