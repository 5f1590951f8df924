"""What a row says besides its scores: absence, training, photo; and why a submission is late.

Revision 0005, after 0004.

Rows from before say none of it: nobody was marked absent, and no event vouches for anything else
(``registry.journal.row_digest``).
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PAPERS = ("absent_theory", "absent_practice")
WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("submission") as submission:
        submission.add_column(sa.Column("late_reason", sa.Text(), nullable=True))
    with op.batch_alter_table("result") as result:
        for paper in PAPERS:
            result.add_column(sa.Column(paper, sa.Boolean(), nullable=False, server_default=sa.false()))
        result.add_column(sa.Column("training_certificate", sa.String(length=64), nullable=True))
        result.add_column(sa.Column("training_hours", WHOLE_NUMBER, nullable=True))
        result.add_column(sa.Column("photo", sa.LargeBinary(length=32), nullable=True))
    # The default was for rows from before; from now on whoever writes a row says it.
    with op.batch_alter_table("result") as result:
        for paper in PAPERS:
            result.alter_column(
                paper, server_default=None, existing_type=sa.Boolean(), existing_nullable=False
            )


def downgrade() -> None:
    with op.batch_alter_table("result") as result:
        for column in ("photo", "training_hours", "training_certificate", "absent_practice", "absent_theory"):
            result.drop_column(column)
    with op.batch_alter_table("submission") as submission:
        submission.drop_column("late_reason")
