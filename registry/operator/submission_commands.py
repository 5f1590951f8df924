"""``certreg submit``, ``submissions`` and ``review``."""

from pathlib import Path
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from keys.holder_key import HolderKey
from registry.assessment.reading import media_type_of
from registry.assessment.status import SubmissionStatus
from registry.assessment.tables import Submission
from registry.civil_time import SHANGHAI
from registry.documents.terms import STEPS, SUBMISSION_STATUSES
from registry.intake.submission import HandedIn, Receipt, claim_for, submit
from registry.operator.desk import Desk
from registry.operator.errors import UnknownSubmission
from registry.operator.parameters import KeyFile, ResultsFile, ReturnedRow
from registry.operator.progress import progress
from registry.operator.review_sheet import review_sheet, write_photos
from registry.operator.template_command import template
from registry.operator.work import prepare
from registry.review.decision import Recorded, prepare_decision, record_decision, require_reviewer
from signing.cose import Kind
from signing.errors import SigningError
from signing.evidence import Decision
from signing.roster import Duty


def sign_and_submit(desk: Desk, path: Path, key: HolderKey, *, issuer: str) -> Receipt:
    """Hand in a file as its body: sign the claim over it, then call what the API calls."""
    content, media_type = path.read_bytes(), media_type_of(path.name)
    claim = claim_for(content, media_type, issuer=issuer)
    environment = desk.settings.environment
    signature = key.sign_claim(claim.to_bytes(), kind=Kind.SUBMISSION, environment=environment, detached=True)
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
    """Decide as a reviewer who is shown nothing: read what is awaited, sign it, have it recorded."""
    sessions, now = desk.installation.sessions, desk.now()
    decision = sessions.read(lambda session: prepare_decision(session, submission_id, returned, now=now))
    return sign_decision(desk, decision, key, returned)


def sign_decision(desk: Desk, decision: Decision, key: HolderKey, returned: dict[int, str]) -> Recorded:
    """Sign exactly this decision and have it recorded, or refused if the submission has changed since."""
    environment, now = desk.settings.environment, desk.now()
    signed = key.sign_claim(decision.to_bytes(), kind=Kind.DECISION, environment=environment, detached=False)
    return desk.installation.sessions.run(
        lambda session: record_decision(session, signed, returned, environment=environment, now=now)
    )


def require_submission(session: Session, submission_id: UUID) -> None:
    """Raise ``UnknownSubmission`` if there is none of this id."""
    if session.get(Submission, submission_id) is None:
        raise UnknownSubmission(submission_id)


@click.command("submit")
@click.argument("file", type=ResultsFile())
@click.option("--issuer", required=True, help="Issuer key of the body, S0001.")
@click.option("--key", required=True, type=KeyFile(exists=True), help="The body's key file.")
@click.pass_obj
def submit_command(desk: Desk, file: Path, issuer: str, key: Path) -> None:
    """Hand in one exam's results, an .xlsx, .csv or .json file.

    Taken whole, or refused with every fault of every row.
    """
    opened = HolderKey.open(key, desk.custody.identity)
    # The ID checks need the trust bundle's salt: without one, refuse before anything is taken.
    _ = desk.custody.trust
    receipt = sign_and_submit(desk, file, opened, issuer=issuer)
    counts = receipt.statistics
    click.echo(f"报送 {receipt.submission_id}{'（此文件此前已接收）' if receipt.repeated else ''}")
    absent = f"（其中缺考 {counts.absent}）" if counts.absent else ""
    click.echo(f"参加 {counts.entered}，合格 {counts.passed}，不合格 {counts.failed}{absent}")
    if receipt.late:
        click.echo("注意：已超过报送期限，审核时会看到，逾期原因也会看到。")
    with progress("计算证件校验值", counts.entered) as advance:
        prepare(desk.installation, desk.custody, now=desk.now(), progress=advance)


@click.command("submissions")
@click.pass_obj
def submissions_command(desk: Desk) -> None:
    """List the submissions with what each waits for."""
    query = select(Submission).order_by(Submission.received_at, Submission.id)
    for found in desk.installation.sessions.read(lambda session: session.scalars(query).all()):
        received = found.received_at.astimezone(SHANGHAI)
        status = SUBMISSION_STATUSES[SubmissionStatus(found.status)]
        exam = f"{found.issuer} {found.province}-{found.site_code} {found.exam_ended_on}"
        click.echo(f"{found.id}  {exam}  {received:%Y-%m-%d %H:%M}（北京时间）  {status}")


@click.command("review")
@click.argument("submission", type=click.UUID)
@click.option("--key", required=True, type=KeyFile(exists=True), help="The reviewer's key file.")
@click.option(
    "--return",
    "returned",
    multiple=True,
    type=ReturnedRow(),
    metavar="ROW=REASON",
    help="Send this row back to the body, the rest goes on. Repeatable.",
)
@click.option(
    "--photos",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the photos of the rows into this new folder, as ROW.jpg, to be looked at before signing.",
)
@click.option("--yes", is_flag=True, help="Do not ask before signing.")
@click.pass_obj
def review(
    desk: Desk,
    submission: UUID,
    key: Path,
    returned: tuple[tuple[int, str], ...],
    photos: Path | None,
    yes: bool,
) -> None:
    """Decide what a submission waits for, as a reviewer.

    The decision names the digest of the rows it confirms, and with it exactly their photos; it is signed with the
    reviewer's own key.
    """
    rows, now, sessions = dict(returned), desk.now(), desk.installation.sessions
    opened = HolderKey.open(key, desk.custody.identity)
    sessions.read(lambda session: require_submission(session, submission))
    sessions.read(lambda session: require_reviewer(session, opened.key_id, submission, now=now))
    # One snapshot for what is shown and what is signed; if the rows change meanwhile, the decision is refused.
    decision, sheet = sessions.read(
        lambda session: (
            prepare_decision(session, submission, rows, now=now),
            review_sheet(session, submission, rows),
        )
    )
    if photos is not None:
        write_photos(desk.installation, sheet.photos, photos)
    for line in sheet.lines:
        click.echo(line)
    if photos is not None:
        click.echo(f"{len(sheet.photos)} 张照片已写入 {photos}，文件名为行号；审核后请删除该文件夹")
    digest = decision.rows_digest.hex()[:16]
    click.echo(f"{STEPS[decision.step]}：确认 {decision.rows} 行，退回 {len(rows)} 行，摘要 {digest}…")
    if not yes:
        click.confirm("以您的密钥签署此决定？签署后不能撤回", abort=True)
    done = sign_decision(desk, decision, opened, rows)
    click.echo(f"已记录；报送状态：{SUBMISSION_STATUSES[done.status]}")
    if not _counts_for_signer(desk, decision, opened.key_id):
        click.echo(
            f"注意：签名名册中没有密钥 {opened.key_id.hex()} 的此项职责，证书暂不能签名；"
            "请两位保管人签署名册（certreg key roster）。",
            err=True,
        )


def _counts_for_signer(desk: Desk, decision: Decision, key_id: bytes) -> bool:
    """Say whether the signer's roster entitles the key to what it has just decided."""
    try:
        roster = desk.custody.signed_roster()
        if roster is None:
            return False
        roster.entitled(key_id, Duty(decision.step), decision.jurisdiction, at=decision.decided_at)
    except SigningError:
        # The decision is recorded, so a roster that does not count is told and no error.
        return False
    return True


submission_commands = (template, submit_command, submissions_command, review)
