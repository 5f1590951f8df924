"""Rows of the directory. Public data only: codes, names, periods, each with its status and source.

A row is added or amended, never deleted. Its code and name are for ever: tokens carry the code, and the trust
bundle the name.
"""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.database.metadata import Base
from registry.directory.provenance import Status


class SourcedRow:
    """The columns that say how far a row can be trusted, and since when it is here."""

    status: Mapped[Status]
    source: Mapped[str] = mapped_column(Text)
    why: Mapped[str | None] = mapped_column(Text)
    added_at: Mapped[datetime]


class OccupationRow(SourcedRow, Base):
    """An occupation; the key is (edition, code), because a bare code is ambiguous."""

    __tablename__ = "occupation"

    edition: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(80))
    hours_junior: Mapped[int | None]
    hours_intermediate: Mapped[int | None]
    hours_senior: Mapped[int | None]


class DirectionRow(SourcedRow, Base):
    """A direction of an occupation; its code is one byte in the statement."""

    __tablename__ = "direction"
    __table_args__ = (
        CheckConstraint("code BETWEEN 1 AND 255", name="one_byte"),
        ForeignKeyConstraint(["edition", "occupation"], ["occupation.edition", "occupation.code"]),
        UniqueConstraint("edition", "occupation", "name"),
    )

    code: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    edition: Mapped[int]
    occupation: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))


class BodyRow(SourcedRow, Base):
    """An assessment body."""

    __tablename__ = "body"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    issuer: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)


class SiteRow(SourcedRow, Base):
    """A site of a body in a province."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("body_id", "province", "code"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    body_id: Mapped[UUID] = mapped_column(ForeignKey("body.id"))
    province: Mapped[str] = mapped_column(String(2))
    code: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(80))


class ListingRow(SourcedRow, Base):
    """A body's right to assess an occupation; ``level`` null means all levels."""

    __tablename__ = "listing"
    __table_args__ = (
        ForeignKeyConstraint(["edition", "occupation"], ["occupation.edition", "occupation.code"]),
        UniqueConstraint("body_id", "edition", "occupation", "level", "listed_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    body_id: Mapped[UUID] = mapped_column(ForeignKey("body.id"))
    edition: Mapped[int]
    occupation: Mapped[int]
    level: Mapped[int | None]
    listed_on: Mapped[date]
    expires_on: Mapped[date]
    removed_on: Mapped[date | None]


class TrainingInstitutionRow(SourcedRow, Base):
    """A training institution of a province; edition and occupation null where its text names none."""

    __tablename__ = "training_institution"
    __table_args__ = (
        ForeignKeyConstraint(["edition", "occupation"], ["occupation.edition", "occupation.code"]),
        UniqueConstraint("province", "name", "edition", "occupation"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    province: Mapped[str] = mapped_column(String(2))
    name: Mapped[str] = mapped_column(String(80))
    edition: Mapped[int | None]
    occupation: Mapped[int | None]
