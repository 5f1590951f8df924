"""What bodies take back, and what they ask of their certificates.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(length=4), nullable=False),
        sa.Column("replaced_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["key_id"], ["enrolled_key.key_id"], name=op.f("fk_withdrawal_key_id_enrolled_key")
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by"], ["submission.id"], name=op.f("fk_withdrawal_replaced_by_submission")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_withdrawal_submission_id_submission")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["account.id"], name=op.f("fk_withdrawal_withdrawn_by_account")
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_withdrawal")),
        sa.UniqueConstraint("replaced_by", name=op.f("uq_withdrawal_replaced_by")),
    )

    op.create_table(
        "certificate_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.LargeBinary(length=4), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("correction", sa.Uuid(), nullable=True),
        *[
            sa.ForeignKeyConstraint(
                [column], [f"{table}.{key}"], name=op.f(f"fk_certificate_request_{column}_{table}")
            )
            for column, table, key in (
                ("correction", "submission", "id"),
                ("decided_by", "account", "id"),
                ("entry", "entry", "entry"),
                ("key_id", "enrolled_key", "key_id"),
                ("requested_by", "account", "id"),
            )
        ],
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_request")),
    )
    with op.batch_alter_table("certificate_request") as request:
        request.create_index("ix_certificate_request_entry", ["entry"])
        request.create_index("ix_certificate_request_issuer_requested_at", ["issuer", "requested_at", "id"])
        request.create_index("ix_certificate_request_status", ["status"])
    # A body turns the pages of its submissions in this order.
    with op.batch_alter_table("submission") as submission:
        submission.create_index("ix_submission_issuer_received_at", ["issuer", "received_at", "id"])


def downgrade() -> None:
    with op.batch_alter_table("submission") as submission:
        submission.drop_index("ix_submission_issuer_received_at")
    op.drop_table("certificate_request")
    op.drop_table("withdrawal")
