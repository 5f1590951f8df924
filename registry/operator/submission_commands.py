"""``certreg submit`` and ``certreg review``."""

from pathlib import Path
from uuid import UUID

import click

from keys.holder_key import HolderKey
from registry.assessment.reading import media_type_of
from registry.intake.submission import HandedIn, Receipt, claim_for, submit
from registry.operator.desk import Desk
from registry.operator.work import prepare
from registry.review.decision import Recorded, prepare_decision, record_decision
from signing.cose import Kind


def sign_and_submit(desk: Desk, path: Path, key: HolderKey, *, issuer: str) -> Receipt:
    """Hand in a file as its body: sign the claim over it, then call what the API calls."""
    content, media_type = path.read_bytes(), media_type_of(path.name)
    claim = claim_for(content, media_type, issuer=issuer)
    environment = desk.settings.environment
    signature = key.sign_claim(
        claim.to_bytes(), kind=Kind.SUBMISSION, environment=environment, detached=True
    )
    installation = desk.installation
    return submit(
        installation.sessions,
        HandedIn(content, media_type, signature),
        installation.personal,
        installation.jurisdictions,
        environment=environment,
        now=desk.now(),
    )


def sign_and_decide(desk: Desk, submission_id: UUID, key: HolderKey, returned: dict[int, str]) -> Recorded:
    """Decide as a reviewer: read what is awaited, sign it, have it recorded."""
    sessions, environment, now = desk.installation.sessions, desk.settings.environment, desk.now()
    decision = sessions.read(lambda session: prepare_decision(session, submission_id, returned, now=now))
    signed = key.sign_claim(
        decision.to_bytes(), kind=Kind.DECISION, environment=environment, detached=False
    )
    return sessions.run(
        lambda session: record_decision(session, signed, returned, environment=environment, now=now)
    )


@click.command("submit")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--issuer", required=True, help="Issuer key of the body, S0001.")
@click.option("--key", required=True, type=click.Path(path_type=Path), help="The body's key file.")
@click.pass_obj
def submit_command(desk: Desk, file: Path, issuer: str, key: Path) -> None:
    """Hand in one exam's results (.xlsx or .json). Taken whole, or refused with every fault of every row."""
    opened = HolderKey.open(key, desk.custody.identity)
    receipt = sign_and_submit(desk, file, opened, issuer=issuer)
    counts = receipt.statistics
    click.echo(f"submission {receipt.submission_id}{'（此文件此前已接收）' if receipt.repeated else ''}")
    click.echo(f"参加 {counts.entered}，合格 {counts.passed}，不合格 {counts.failed}")
    if receipt.late:
        click.echo("注意：已超过报送期限，审核时会看到。")
    if not receipt.repeated:
        with click.progressbar(length=counts.entered, label="计算证件校验值") as bar:
            prepare(desk.installation, desk.custody, progress=bar.update)


@click.command("review")
@click.argument("submission", type=click.UUID)
@click.option("--key", required=True, type=click.Path(path_type=Path), help="The reviewer's key file.")
@click.option(
    "--return",
    "returned",
    multiple=True,
    metavar="ROW=REASON",
    help="Send this row back to the body, the rest goes on. Repeatable.",
)
@click.option("--yes", is_flag=True, help="Do not ask before signing.")
@click.pass_obj
def review(desk: Desk, submission: UUID, key: Path, returned: tuple[str, ...], yes: bool) -> None:
    """Decide the step that a submission waits for, with the reviewer's own key."""
    rows = dict(_returned(text) for text in returned)
    opened = HolderKey.open(key, desk.custody.identity)
    now = desk.now()
    decision = desk.installation.sessions.read(
        lambda session: prepare_decision(session, submission, rows, now=now)
    )
    click.echo(f"{decision.step}: 确认 {decision.rows} 行，退回 {len(rows)} 行，摘要 {decision.rows_digest.hex()[:16]}…")
    if not yes:
        click.confirm("以您的密钥签署此决定？签署后不能撤回", abort=True)
    done = sign_and_decide(desk, submission, opened, rows)
    click.echo(f"已记录；报送状态：{done.status}")


def _returned(text: str) -> tuple[int, str]:
    row, _, reason = text.partition("=")
    if not row.isdecimal() or not reason.strip():
        raise click.BadParameter(f"{text!r}: write ROW=REASON", param_hint="--return")
    return int(row), reason.strip()


submission_commands = (submit_command, review)
