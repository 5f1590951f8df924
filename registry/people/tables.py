"""Rows of the people room. Private keys are never here: a person's key stays with the person."""

from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.database.metadata import CHANGES, Base


class Account(Base):
    """A person, or the system of an assessment body, that acts in the register."""

    __tablename__ = "account"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]


class Appointment(Base):
    """A role that an account holds in one scope: a body's issuer key, ``CN-21`` or ``CN``."""

    __tablename__ = "appointment"
    __table_args__ = (UniqueConstraint("account_id", "role", "scope"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    role: Mapped[str] = mapped_column(String(32))
    scope: Mapped[str] = mapped_column(String(16))
    appointed_at: Mapped[datetime]


class EnrolledKey(Base):
    """A public key whose signatures count as its account's, from the first to the last day."""

    __tablename__ = "enrolled_key"

    key_id: Mapped[bytes] = mapped_column(LargeBinary(4), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    public: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    purpose: Mapped[str] = mapped_column(String(16))
    valid_from_on: Mapped[date]
    valid_to_on: Mapped[date]
    revoked_at: Mapped[datetime | None] = mapped_column(info=CHANGES)
