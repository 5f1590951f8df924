"""Drafts: what a body is working on, its files in sealed parts, and the photos made of its archives.

Revision 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(length=4), nullable=False),
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("revision", WHOLE_NUMBER, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("checked_revision", WHOLE_NUMBER, nullable=False),
        sa.Column("rows", WHOLE_NUMBER, nullable=False),
        sa.Column("faults", WHOLE_NUMBER, nullable=False),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("phase", sa.String(length=16), nullable=True),
        sa.Column("done", WHOLE_NUMBER, nullable=False),
        sa.Column("total", WHOLE_NUMBER, nullable=False),
        sa.Column("claimed_by", sa.String(length=120), nullable=True),
        sa.Column("claimed_until", INSTANT, nullable=True),
        sa.Column("attempts", WHOLE_NUMBER, nullable=False),
        sa.Column("failure", sa.String(length=400), nullable=True),
        sa.Column("settled_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("signature", sa.LargeBinary(), nullable=True),
        sa.Column("signed_at", INSTANT, nullable=True),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_draft_created_by_account")),
        sa.ForeignKeyConstraint(
            ["key_id"], ["enrolled_key.key_id"], name=op.f("fk_draft_key_id_enrolled_key")
        ),
        sa.ForeignKeyConstraint(["replaces"], ["submission.id"], name=op.f("fk_draft_replaces_submission")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_draft_submission_id_submission")
        ),
    )
    op.create_index(op.f("ix_draft_issuer"), "draft", ["issuer"])
    op.create_index(op.f("ix_draft_status"), "draft", ["status"])
    op.create_table(
        "draft_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("revision", WHOLE_NUMBER, nullable=False),
        sa.Column("position", WHOLE_NUMBER, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=True),
        sa.Column("media_type", sa.String(length=96), nullable=False),
        sa.Column("size", WHOLE_NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_file")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_draft_file_draft_id_draft")),
    )
    op.create_index(op.f("ix_draft_file_draft_id"), "draft_file", ["draft_id"])
    op.create_table(
        "draft_part",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("n", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "n", name=op.f("pk_draft_part")),
        sa.ForeignKeyConstraint(
            ["file_id"], ["draft_file.id"], name=op.f("fk_draft_part_file_id_draft_file")
        ),
    )
    op.create_table(
        "photo",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("entry", WHOLE_NUMBER, nullable=False),
        sa.Column("row", WHOLE_NUMBER, nullable=True),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("width", WHOLE_NUMBER, nullable=False),
        sa.Column("height", WHOLE_NUMBER, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_photo_draft_id_draft")),
        sa.ForeignKeyConstraint(["file_id"], ["draft_file.id"], name=op.f("fk_photo_file_id_draft_file")),
        sa.ForeignKeyConstraint(["result_id"], ["result.id"], name=op.f("fk_photo_result_id_result")),
        sa.UniqueConstraint("draft_id", "row", name=op.f("uq_photo_draft_id_row")),
        sa.UniqueConstraint("result_id", name=op.f("uq_photo_result_id")),
    )
    op.create_index(op.f("ix_photo_file_id"), "photo", ["file_id"])


def downgrade() -> None:
    for table in ("photo", "draft_part", "draft_file", "draft"):
        op.drop_table(table)
