"""Events that cover runs of entries and vouch for rows, the chain's head, held numbering, entries that were lost, workers.

Revision 0002, after 0001.

Events from before it vouch for no rows and cover no runs, so a register that was in service in the first shape (none
was) would not pass its check.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WHOLE_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# What an entry that was lost with its database does not have.
LOST: dict[str, sa.types.TypeEngine[Any]] = {
    "certificate_id": sa.Uuid(),
    "version": WHOLE_NUMBER,
    "result_id": sa.Uuid(),
    "to_be_signed": sa.LargeBinary(),
}


def upgrade() -> None:
    op.create_table(
        "job_record",
        sa.Column("job", sa.String(length=32), nullable=False),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_failure_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", WHOLE_NUMBER, nullable=False),
        sa.Column("failure", sa.String(length=400), nullable=True),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_job_record")),
    )
    op.create_table(
        "worker_record",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("doing", sa.String(length=120), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_record")),
    )
    head = op.create_table(
        "journal_head",
        sa.Column("id", WHOLE_NUMBER, autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_head")),
    )
    # The chain begins here, once: nobody who finds no head may begin another.
    op.bulk_insert(head, [{"id": 1, "place": 0, "hash": bytes(32)}])
    with op.batch_alter_table("entry") as entry:
        for name, kind in LOST.items():
            entry.alter_column(name, existing_type=kind, nullable=True)
        entry.drop_index(op.f("ix_entry_status"))
        entry.create_index("ix_entry_status_entry", ["status", "entry"])
    with op.batch_alter_table("submission") as submission:
        submission.add_column(sa.Column("all_numbered", sa.Boolean(), nullable=True))
    # An approved submission may have rows that wait: the next worker finds out.
    op.execute("UPDATE submission SET all_numbered = false")
    with op.batch_alter_table("submission") as submission:
        submission.alter_column("all_numbered", existing_type=sa.Boolean(), nullable=False)
        submission.create_index(op.f("ix_submission_all_numbered"), ["all_numbered"])
    with op.batch_alter_table("entry_counter") as counter:
        counter.add_column(sa.Column("held_because", sa.String(length=200), nullable=True))
    with op.batch_alter_table("event") as event:
        event.add_column(sa.Column("first_entry", sa.BigInteger(), nullable=True))
        event.add_column(sa.Column("last_entry", sa.BigInteger(), nullable=True))
        event.add_column(sa.Column("digest", sa.LargeBinary(length=32), nullable=True))
        event.create_index(op.f("ix_event_first_entry"), ["first_entry"])


def downgrade() -> None:
    with op.batch_alter_table("event") as event:
        event.drop_index(op.f("ix_event_first_entry"))
        for name in ("digest", "last_entry", "first_entry"):
            event.drop_column(name)
    with op.batch_alter_table("entry_counter") as counter:
        counter.drop_column("held_because")
    with op.batch_alter_table("submission") as submission:
        submission.drop_index(op.f("ix_submission_all_numbered"))
        submission.drop_column("all_numbered")
    with op.batch_alter_table("entry") as entry:
        entry.drop_index("ix_entry_status_entry")
        entry.create_index(op.f("ix_entry_status"), ["status"])
        for name, kind in LOST.items():
            entry.alter_column(name, existing_type=kind, nullable=False)
    for table in ("journal_head", "worker_record", "job_record"):
        op.drop_table(table)
