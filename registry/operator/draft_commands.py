"""``certreg drafts``: what bodies are working on, and the end of what nobody works on any more."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

import click
from sqlalchemy import select

from registry.civil_time import SHANGHAI
from registry.draft.closing import (
    discard_signed,
    discard_unchanged,
    drafts_unchanged_since,
    drop_signature,
    signed_draft,
)
from registry.draft.status import OPEN, STATUS_NAMES, DraftStatus
from registry.draft.tables import Draft
from registry.operator.desk import Desk

UNSIGNED: Final = (
    "登记机构已取消此草稿的签名，因为它无法报送。"
    "系统重新检查后，请核对并重新签名；迟迟未检查完的，请重新提交同一文件。"
)


@click.group()
def drafts() -> None:
    """List the bodies' drafts, and end old ones."""


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
    _tell(desk.installation.sessions.read(lambda session: session.scalars(query).all()))


@drafts.command("discard")
@click.option(
    "--older-than",
    required=True,
    type=click.IntRange(1),
    metavar="DAYS",
    help="Drafts into which nothing has come from their bodies for so many days.",
)
@click.option("--yes", is_flag=True, help="Do not ask first.")
@click.pass_obj
def drafts_discard(desk: Desk, older_than: int, yes: bool) -> None:
    """Discard old drafts with all that is in them.

    Neither those that are signed nor those that are submitted. They are listed first.
    """
    sessions, now = desk.installation.sessions, desk.now()
    before = now - timedelta(days=older_than)
    old = sessions.read(lambda session: drafts_unchanged_since(session, before))
    _tell(old)
    if old and not yes:
        click.confirm(f"Discard {len(old)} drafts for good?", abort=True)
    gone = 0
    for each in old:
        gone += sessions.run(partial(discard_unchanged, draft_id=each.id, before=before, now=now))
    click.echo(f"{gone} drafts discarded")


@drafts.command("unsign")
@click.argument("draft_id", metavar="DRAFT", type=click.UUID)
@click.option("--discard", is_flag=True, help="Discard it with all that is in it, for good; asks first.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@click.pass_obj
def drafts_unsign(desk: Desk, draft_id: UUID, discard: bool, yes: bool) -> None:
    """Take the signature off a draft that no worker can hand in.

    It is checked anew and waits for its body again, which is told why. What was handed in already is refused: a worker
    concludes it.
    """
    sessions = desk.installation.sessions
    draft = sessions.read(lambda session: signed_draft(session, draft_id))
    _tell([draft])
    if not discard:
        sessions.run(partial(drop_signature, draft_id=draft_id, why=UNSIGNED, now=desk.now()))
        click.echo("the signature is dropped")
        return
    if not yes:
        click.confirm("Discard this draft for good?", abort=True)
    sessions.run(partial(discard_signed, draft_id=draft_id, now=desk.now()))
    click.echo("discarded")


def _tell(found: Sequence[Draft]) -> None:
    """Tell of drafts, one in a line, with nothing of what is in them."""
    for each in found:
        changed = each.changed_at.astimezone(SHANGHAI)
        status = STATUS_NAMES[DraftStatus(each.status)]
        counts = f"{each.rows} 行，{each.faults} 处错误"
        click.echo(f"{each.id}  {each.issuer}  {changed:%Y-%m-%d %H:%M}（北京时间）  {status}  {counts}")
