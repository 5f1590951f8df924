"""Rows of the draft room. Everything that a body sent is sealed, in parts of at most 1 MiB.

No event vouches for any of it: drafts are no evidence. A photo becomes part of one when its submission is handed in;
then its digest stands in the result, and ``result_id`` here says whose it is.
"""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.database.metadata import Base


class Draft(Base):
    """What a body is working on.

    ``checked_revision`` is the revision that the last check was about, 0 before the first. ``summary`` is JSON, with
    nobody's data in it: province, day and counts. ``claimed_by`` is the worker at it, until ``claimed_until``;
    ``attempts`` counts the workers that did not come back from it since something of it was kept; those of one that was
    given up stay, until its body changes it.
    """

    __tablename__ = "draft"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    issuer: Mapped[str] = mapped_column(String(16), index=True)
    name: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    key_id: Mapped[bytes] = mapped_column(ForeignKey("enrolled_key.key_id"))
    replaces: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id"))
    status: Mapped[str] = mapped_column(String(16), index=True)
    revision: Mapped[int]
    changed_at: Mapped[datetime]
    checked_revision: Mapped[int]
    rows: Mapped[int]
    faults: Mapped[int]
    summary: Mapped[str | None] = mapped_column(Text)
    phase: Mapped[str | None] = mapped_column(String(16))
    done: Mapped[int]
    total: Mapped[int]
    claimed_by: Mapped[str | None] = mapped_column(String(120))
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int]
    failure: Mapped[str | None] = mapped_column(String(400))
    settled_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    signature: Mapped[bytes | None]
    signed_at: Mapped[datetime | None]
    submission_id: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id"))


class DraftFile(Base):
    """A file of a draft: sent by the body, or made by the check (``files.Kind``).

    ``revision`` is the draft's when the file came, or the one that it was made of. An archive that is not ``complete``
    waits for parts. ``size`` and ``digest`` (SHA-256) are of the plain bytes, of an archive as announced.
    """

    __tablename__ = "draft_file"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    draft_id: Mapped[UUID] = mapped_column(ForeignKey("draft.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    revision: Mapped[int]
    position: Mapped[int]
    name: Mapped[str | None] = mapped_column(String(80))
    media_type: Mapped[str] = mapped_column(String(96))
    size: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    complete: Mapped[bool]


class DraftPart(Base):
    """A part of a file, sealed at ``draft:FILE:N``."""

    __tablename__ = "draft_part"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("draft_file.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes]


class Photo(Base):
    """A photo as the register keeps it, sealed at ``photo:ID``, so that handing in changes ``result_id`` alone.

    It is known by its archive and where its entry begins there, not by a row: the row of a person may become another
    while the clerk mends his file. ``row`` is whose it is by the last check, ``None`` for nobody's; a photo of two rows
    is kept twice.
    """

    __tablename__ = "photo"
    __table_args__ = (UniqueConstraint("draft_id", "row"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    draft_id: Mapped[UUID] = mapped_column(ForeignKey("draft.id"))
    file_id: Mapped[UUID] = mapped_column(ForeignKey("draft_file.id"), index=True)
    entry: Mapped[int]
    row: Mapped[int | None]
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    width: Mapped[int]
    height: Mapped[int]
    sealed: Mapped[bytes]
    result_id: Mapped[UUID | None] = mapped_column(ForeignKey("result.id"), unique=True)
