"""A series keeps its registrar's signed opening, which the signer asks for.

Revision 0003, after 0002.

A series from before it has no opening: nothing is numbered in it until it was opened again (``certreg series open``).
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("series") as series:
        series.add_column(sa.Column("opening", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("series") as series:
        series.drop_column("opening")
