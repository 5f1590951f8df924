"""The public log: where an act's leaf is, how far the log has grown, and leaves whose acts were lost.

Revision 0004, after 0003.

The log itself begins with a ceremony of the keys, not here: until then nothing has a leaf.
"""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    head = op.create_table(
        "log_head",
        sa.Column("id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("cosigned", sa.BigInteger(), nullable=False),
        sa.Column("behind", sa.String(length=300), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    # The root of a tree without leaves (RFC 6962 2.1).
    empty = {"id": 1, "place": 0, "size": 0, "root": sha256(b"").digest(), "cosigned": 0, "behind": None}
    op.bulk_insert(head, [empty])
    op.create_table(
        "lost_leaf",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_lost_leaf")),
    )
    with op.batch_alter_table("event") as event:
        event.add_column(sa.Column("leaf", sa.BigInteger(), nullable=True))
        event.create_unique_constraint(op.f("uq_event_leaf"), ["leaf"])
        event.create_index("ix_event_act_first_entry", ["act", "first_entry"])


def downgrade() -> None:
    with op.batch_alter_table("event") as event:
        event.drop_index("ix_event_act_first_entry")
        event.drop_constraint(op.f("uq_event_leaf"), type_="unique")
        event.drop_column("leaf")
    op.drop_table("lost_leaf")
    op.drop_table("log_head")
