"""``certreg requests``: what bodies ask of their certificates, and the registrar's word on it."""

from uuid import UUID

import click

from registry.certificate.lifecycle import Change, Reason, Status
from registry.civil_time import SHANGHAI
from registry.documents.terms import REASONS, REQUEST_KINDS, REQUEST_STATUSES
from registry.operator.certificate_commands import publish_change, shown_change, tell_reinstated
from registry.operator.desk import Desk
from registry.request import deciding
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
    request = _request(desk, request_id)
    if not yes:
        why = f"（原因：{REASONS[Reason(ground)]}）" if ground else ""
        click.confirm(f"同意申请：{_line(request)}{why}？此操作不能撤回。", abort=True)
    sessions, now = desk.installation.sessions, desk.now()
    if is_act(request) and ground is not None:
        change = deciding.grant(sessions, desk.actor, request_id, Reason(ground), now=now, answer=answer)
        _tell(desk, request, change)
        publish_change(desk)
    elif not is_act(request) and correction is not None:
        deciding.grant_correction(sessions, desk.actor, request_id, correction, now=now, answer=answer)
        click.echo(f"已同意；更正所用的报送：{correction}。原证书请另行撤销（certreg revoke）。")
    else:
        raise click.UsageError("name the --ground of the act, or the --correction that was asked for")


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


def _tell(desk: Desk, request: RequestView, change: Change) -> None:
    click.echo(f"{request.number}：{shown_change(change)}")
    if change.after is Status.REINSTATED:
        tell_reinstated(desk, request.number, change)
