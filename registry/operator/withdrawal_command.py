"""``certreg withdraw``: a body that handed in by ``certreg submit`` takes it back, as it could over the API."""

from pathlib import Path
from uuid import UUID

import click
from sqlalchemy.orm import Session

from keys.holder_key import HolderKey
from registry.assessment.tables import Submission
from registry.civil_time import SHANGHAI
from registry.intake.withdrawal import withdraw
from registry.operator.desk import Desk
from registry.operator.errors import UnknownSubmission
from registry.operator.parameters import KeyFile
from registry.people.accounts import Purpose, signatory
from registry.people.representative import Representative


@click.command("withdraw")
@click.argument("submission", type=click.UUID)
@click.option(
    "--key", required=True, type=KeyFile(exists=True), help="The body's key file, as for `certreg submit`."
)
@click.option("--reason", required=True, help="Why; a line of at most 200 characters that names no person.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
@click.pass_obj
def withdraw_command(desk: Desk, submission: UUID, key: Path, reason: str, yes: bool) -> None:
    """Take back a submission that nobody has decided on yet.

    For good: its people may be handed in again, but not by the same file.
    """
    opened = HolderKey.open(key, desk.custody.identity)
    sessions = desk.installation.sessions

    def representative(session: Session) -> Representative:
        found = session.get(Submission, submission)
        if found is None:
            raise UnknownSubmission(submission)
        who = signatory(session, opened.key_id, Purpose.SUBMISSION, now=desk.now())
        return Representative(who.actor, found.issuer, who.key_id)

    by = sessions.read(representative)
    if not yes:
        click.confirm(f"撤回报送 {submission}？撤回后不能恢复", abort=True)
    done = withdraw(sessions, by, submission, reason, now=desk.now())
    at = done.withdrawn_at.astimezone(SHANGHAI)
    before = "此前已撤回" if done.repeated else "已撤回"
    click.echo(f"{before}：报送 {submission}，{at:%Y-%m-%d %H:%M}（北京时间），原因：{done.reason}")
