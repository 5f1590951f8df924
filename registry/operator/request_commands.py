"""``certreg requests``: what bodies ask of their certificates, and the registrar's word on it."""

from uuid import UUID

import click

from registry.assessment.written_reason import written_reason
from registry.certificate.lifecycle import Change, Reason, Status
from registry.civil_time import SHANGHAI
from registry.documents.terms import REASONS, REQUEST_KINDS, REQUEST_STATUSES, STATUSES
from registry.operator.certificate_commands import publish_change, shown_change, tell_reinstated
from registry.operator.desk import Desk
from registry.request import deciding
from registry.request.grantable import grantable
from registry.request.kinds import RequestKind, RequestStatus
from registry.request.reading import RequestView, any_request, is_act, waiting_requests

GROUNDS = [reason.value for reason in Reason if reason is not Reason.KEY_DISTRUSTED]

answer_option = click.option("--answer", help="What the body is told; names no person.")


@click.group("requests")
def requests() -> None:
    """Decide what bodies ask of their certificates."""


@requests.command("list")
@click.pass_obj
def list_requests(desk: Desk) -> None:
    """List the requests that wait for a decision."""
    waiting = desk.installation.sessions.read(waiting_requests)
    for request in waiting:
        click.echo(_line(request))
    if not waiting:
        click.echo("没有待处理的申请。")


@requests.command("show")
@click.argument("request_id", metavar="REQUEST", type=click.UUID)
@click.pass_obj
def show_request(desk: Desk, request_id: UUID) -> None:
    """Show one REQUEST with its reason and what became of it."""
    request = _request(desk, request_id)
    click.echo(_line(request))
    click.echo(f"原因：{request.reason}")
    click.echo(f"状态：{REQUEST_STATUSES[RequestStatus(request.status)]}")
    if request.answer is not None:
        click.echo(f"答复：{request.answer}")
    if request.correction is not None:
        click.echo(f"更正所用的报送：{request.correction}")


@requests.command("grant")
@click.argument("request_id", metavar="REQUEST", type=click.UUID)
@click.option(
    "--ground", type=click.Choice(GROUNDS), help="Why the certificate is acted on; kept in the journal."
)
@click.option("--correction", type=click.UUID, help="The submission that brings a correction.")
@answer_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def grant_request(
    desk: Desk, request_id: UUID, ground: str | None, correction: UUID | None, answer: str | None, yes: bool
) -> None:
    """Do what a REQUEST asks for, and tell the body so.

    A certificate is revoked, suspended or reinstated on a --ground; a correction is granted by pointing at the
    submission that brings it.
    """
    request, sessions = _request(desk, request_id), desk.installation.sessions
    means = _means(request, ground, correction)
    said = None if answer is None else written_reason(answer)
    # Whatever could not be granted is told before anybody is asked; the act asks it all again.
    status = sessions.read(lambda session: grantable(session, desk.actor, request_id, means))
    if not yes:
        click.confirm(_question(request, status, means), abort=True)
    now = desk.now()
    if isinstance(means, UUID):
        deciding.grant_correction(sessions, desk.actor, request_id, means, now=now, answer=said)
        click.echo(f"已同意；更正所用的报送：{means}。原证书请另行撤销（certreg revoke）。")
        return
    change = deciding.grant(sessions, desk.actor, request_id, means, now=now, answer=said)
    _tell(desk, request, change)
    publish_change(desk)


@requests.command("decline")
@click.argument("request_id", metavar="REQUEST", type=click.UUID)
@click.option("--answer", required=True, help="Why; the body reads it. Names no person.")
@click.pass_obj
def decline_request(desk: Desk, request_id: UUID, answer: str) -> None:
    """Tell the body that what a REQUEST asks for is not done."""
    deciding.decline(desk.installation.sessions, desk.actor, request_id, answer, now=desk.now())
    click.echo("已答复：未同意")


def _request(desk: Desk, request_id: UUID) -> RequestView:
    return desk.installation.sessions.read(lambda session: any_request(session, request_id))


def _line(request: RequestView) -> str:
    asked = request.requested_at.astimezone(SHANGHAI)
    kind = REQUEST_KINDS[RequestKind(request.kind)]
    return f"{request.id}  {request.issuer}  {kind} {request.number}  {asked:%Y-%m-%d %H:%M}（北京时间）"


def _means(request: RequestView, ground: str | None, correction: UUID | None) -> Reason | UUID:
    """Return the one thing that granting this request takes."""
    if ground is not None and correction is not None:
        raise click.UsageError("--ground and --correction exclude each other")
    if is_act(request) and ground is not None:
        return Reason(ground)
    if not is_act(request) and correction is not None:
        return correction
    needed = "--ground" if is_act(request) else "--correction"
    raise click.UsageError(f"{REQUEST_KINDS[RequestKind(request.kind)]}: name the {needed}")


def _question(request: RequestView, status: Status, means: Reason | UUID) -> str:
    by = f"报送 {means}" if isinstance(means, UUID) else f"原因：{REASONS[means]}"
    asked = f"{_line(request)}\n机构所述原因：{request.reason}\n证书当前状态：{STATUSES[status]}"
    return f"{asked}\n同意此申请（{by}）？此操作不能撤回。"


def _tell(desk: Desk, request: RequestView, change: Change) -> None:
    click.echo(f"{request.number}：{shown_change(change)}")
    if change.after is Status.REINSTATED:
        tell_reinstated(desk, request.number, change)
