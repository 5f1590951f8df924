"""``certreg drafts``: what bodies are working on, and the end of what nobody works on any more."""

from datetime import timedelta
from functools import partial

import click
from sqlalchemy import select

from registry.civil_time import SHANGHAI
from registry.draft.closing import discard_unchanged, drafts_unchanged_since
from registry.draft.status import OPEN, STATUS_NAMES, DraftStatus
from registry.draft.tables import Draft
from registry.operator.desk import Desk


@click.group()
def drafts() -> None:
    """List the bodies' drafts, and discard old ones."""


@drafts.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are submitted or discarded, too.")
@click.pass_obj
def drafts_list(desk: Desk, everything: bool) -> None:
    """List the drafts, with nothing of what is in them.

    The one that was changed last is at the end.
    """
    query = select(Draft).order_by(Draft.changed_at, Draft.id)
    if not everything:
        query = query.where(Draft.status.in_(OPEN))
    for found in desk.installation.sessions.read(lambda session: session.scalars(query).all()):
        changed = found.changed_at.astimezone(SHANGHAI)
        status = STATUS_NAMES[DraftStatus(found.status)]
        counts = f"{found.rows} 行，{found.faults} 处错误"
        click.echo(f"{found.id}  {found.issuer}  {changed:%Y-%m-%d %H:%M}（北京时间）  {status}  {counts}")


@drafts.command("discard")
@click.option(
    "--older-than",
    required=True,
    type=click.IntRange(1),
    metavar="DAYS",
    help="Drafts that their bodies have not changed for so many days.",
)
@click.option("--yes", is_flag=True, help="Do not ask first.")
@click.pass_obj
def drafts_discard(desk: Desk, older_than: int, yes: bool) -> None:
    """Discard old drafts with all that is in them.

    Neither those that are signed nor those that are submitted.
    """
    sessions, now = desk.installation.sessions, desk.now()
    before = now - timedelta(days=older_than)
    old = sessions.read(lambda session: drafts_unchanged_since(session, before))
    if old and not yes:
        click.confirm(f"Discard {len(old)} drafts for good?", abort=True)
    gone = 0
    for each in old:
        gone += sessions.run(partial(discard_unchanged, draft_id=each, before=before, now=now))
    click.echo(f"{gone} drafts discarded")
