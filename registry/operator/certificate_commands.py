"""``certreg issue``, ``publish``, ``suspend``, ``reinstate``, ``revoke``, ``void``, ``documents``."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from uuid import UUID

import click

from keys.errors import KeysError
from registry.certificate import lifecycle
from registry.certificate.lifecycle import REASONS_FOR, Action, Change, Reason, Status
from registry.certificate.tables import Entry
from registry.documents.terms import ACTIONS, REASONS, STATUSES
from registry.holder.errors import TokenUnusable
from registry.holder.files import (
    Holdings,
    holder_files,
    holdings,
    last_entry,
    names_of,
    numbers_after,
)
from registry.holder.proofs import HolderProofs
from registry.log.errors import LogError
from registry.log.files import LogFiles
from registry.operator.desk import Desk
from registry.operator.log_keeping import show_in_log
from registry.operator.progress import progress
from registry.operator.public_tree import publish
from registry.operator.submission_commands import require_submission
from registry.operator.work import Issued, issue, show_reinstated
from registry.work.backlog import steps_left
from registry.work.faults import first_of
from signing.errors import LogRefused

Act = Callable[..., Change]

SHOWN_NUMBERS = 20


@click.command("issue")
@click.argument("submissions", nargs=-1, type=click.UUID)
@click.pass_obj
def issue_command(desk: Desk, submissions: tuple[UUID, ...]) -> None:
    """Number, sign and release what is approved.

    All of it, or only these SUBMISSIONS. A submission that can not be numbered keeps no other waiting.
    """
    sessions = desk.installation.sessions
    for submission in submissions:
        sessions.read(partial(require_submission, submission_id=submission))
    before = sessions.read(last_entry)
    with progress(
        "编号、签名、发布", sessions.read(partial(steps_left, only=submissions or None))
    ) as advance:
        done = issue(
            desk.installation,
            desk.custody,
            desk.actor,
            now=desk.now,
            progress=advance,
            submissions=submissions or None,
        )
    if not done.anything:
        click.echo("没有待颁发的证书：报送须先经三级审核通过（certreg submissions）。")
        return
    click.echo(f"已编号 {done.numbered}，已签名 {done.signed}，已发布 {done.released}")
    numbers = sessions.read(lambda session: numbers_after(session, before))
    for number in numbers[:SHOWN_NUMBERS]:
        click.echo(f"    {number}")
    if len(numbers) > SHOWN_NUMBERS:
        click.echo(f"    … 共 {len(numbers)} 个，至 {numbers[-1]}（certreg documents 制作全部证书文件）")
    publish_change(desk)
    _tell_held_back(done)
    if done.held_back or done.refused:
        raise click.exceptions.Exit(1)


def _tell_held_back(done: Issued) -> None:
    for text in done.left_behind:
        click.echo(text, err=True)


@click.command("publish")
@click.pass_obj
def publish_command(desk: Desk) -> None:
    """Write trust bundle, status and log for the public."""
    status = publish(desk.installation, desk.custody, now=desk.now())
    click.echo(
        f"status file {status.version}: entries (登记序号) 1–{status.size}, {desk.settings.public_dir}"
    )
    show_in_log(desk.installation, desk.custody, now=desk.now)


def publish_change(desk: Desk, *, quiet: bool = False) -> None:
    """Publish what an act changed. Its leaf follows: nothing that ends a certificate waits for a witness."""
    status = publish(desk.installation, desk.custody, now=desk.now())
    if not quiet:
        click.echo(f"状态文件 {status.version}：登记序号 1–{status.size}，{desk.settings.public_dir}")
    try:
        show_in_log(desk.installation, desk.custody, now=desk.now)
    except (LogError, KeysError) as fault:
        click.echo(f"公开日志稍后跟上：{fault}", err=True)


def shown_change(change: Change) -> str:
    return f"{STATUSES[change.before]} → {STATUSES[change.after]}"


def _act_command(name: str, action: Action, act: Act, help_text: str) -> click.Command:
    @click.command(name, help=help_text)
    @click.argument("number")
    @click.option(
        "--reason",
        required=True,
        type=click.Choice([reason.value for reason in REASONS_FOR[action]]),
        help="Why; kept in the journal.",
    )
    @click.option("--yes", is_flag=True, help="Do not ask.")
    @click.pass_obj
    def command(desk: Desk, number: str, reason: str, yes: bool) -> None:
        if not yes:
            final = "此操作不能撤回。" if action is Action.REVOKE else ""
            click.confirm(
                f"{ACTIONS[action]} {number}（原因：{REASONS[Reason(reason)]}）？{final}", abort=True
            )
        now = desk.now()
        change = desk.installation.sessions.run(
            lambda session: act(session, desk.actor, number, Reason(reason), now=now)
        )
        click.echo(f"{number}：{shown_change(change)}")
        if change.after is Status.REINSTATED:
            tell_reinstated(desk, number, change)
        publish_change(desk)

    return command


def tell_reinstated(desk: Desk, number: str, change: Change) -> None:
    """Bring the certificate as far as it comes, and tell what the public will see of it until when."""
    why = show_reinstated(desk.installation, desk.custody, desk.actor, now=desk.now)
    after = desk.installation.sessions.read(lambda session: session.get_one(Entry, change.entry).status)
    if after == Status.RELEASED:
        click.echo(f"{number}：{STATUSES[change.after]} → {STATUSES[Status.RELEASED]}")
        return
    click.echo(f"{number}：对外仍显示{STATUSES[Status.SUSPENDED]}；公开日志的见证方签名后恢复有效")
    click.echo("由 certreg work 自动完成，或再次运行 certreg issue。")
    if why is not None:
        click.echo(why, err=True)


suspend = _act_command(
    "suspend", Action.SUSPEND, lifecycle.suspend, "Suspend the certificate NUMBER; it can be reinstated."
)
reinstate = _act_command(
    "reinstate",
    Action.REINSTATE,
    lifecycle.reinstate,
    "Lift the suspension of the certificate NUMBER. The public is told once the log's witness has signed it.",
)
revoke = _act_command(
    "revoke", Action.REVOKE, lifecycle.revoke, "Revoke the certificate NUMBER. This is final."
)


@click.command()
@click.argument("numbers", nargs=-1)
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to."
)
@click.pass_obj
def documents(desk: Desk, numbers: tuple[str, ...], out: Path) -> None:
    """Write token, QR, PDF and proof of certificates.

    Of these NUMBERS, or of all certificates that are released. Those that came back from a restore without their token
    or their submission are left out, and it is told how many.
    """
    held = None if numbers else desk.installation.sessions.read(holdings)
    chosen = held.numbers if held else numbers
    names, trust = names_of(desk.installation), desk.custody.trust
    proofs = HolderProofs.of_log(trust, LogFiles(desk.settings.public_dir))
    refused: list[str] = []
    with progress("制作证书文件", len(chosen)) as advance:
        for number in chosen:
            try:
                holder_files(desk.installation, names, trust, number, proofs=proofs).write(out)
            except TokenUnusable as unusable:
                # Verifiers would refuse it; the others are not to wait for it.
                refused.append(f"{number} 未制作：{_why_unusable(unusable)}")
            except LogRefused as why:
                refused.append(f"{number} 未制作：公开日志不能证明它（{why}）")
            advance(1)
    click.echo(f"{len(chosen) - len(refused)} 份，在 {out}")
    if held:
        _tell_left_out(held)
    for text in first_of(refused):
        click.echo(text, err=True)
    if refused:
        raise click.exceptions.Exit(1)


def _why_unusable(unusable: TokenUnusable) -> str:
    if unusable.by_distrust:
        return "签发密钥不再可信，请更正或撤销"
    return "登记的证书内容不能通过验证，或不是这个编号的当前版本；请运行 certreg check"


def _tell_left_out(held: Holdings) -> None:
    if held.without_token:
        click.echo(
            f"未制作 {held.without_token} 份：恢复后没有证书内容（token）；持有人或评价机构处的证书文件可用 "
            "certreg readmit FILE 补回。",
            err=True,
        )
    if held.without_submission:
        click.echo(
            f"未制作 {held.without_submission} 份：证书内容已补回，但报送已遗失，没有制作证书所需的证件号码；"
            "持有人手中的证书仍然有效。",
            err=True,
        )


@click.command("void")
@click.argument("entry", type=click.IntRange(1))
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def void_command(desk: Desk, entry: int, yes: bool) -> None:
    """Void an ENTRY that was never released.

    It was numbered and will not become a certificate; its number stays used. This is final.
    """
    if not yes:
        click.confirm(f"作废登记序号 {entry} 的编号？此操作不能撤回。", abort=True)
    now = desk.now()
    change = desk.installation.sessions.run(
        lambda session: lifecycle.void(session, desk.actor, entry, Reason.ISSUED_IN_ERROR, now=now)
    )
    click.echo(f"登记序号 {entry}：{shown_change(change)}")
    publish_change(desk)


certificate_commands = (
    issue_command,
    documents,
    publish_command,
    suspend,
    reinstate,
    revoke,
    void_command,
)
