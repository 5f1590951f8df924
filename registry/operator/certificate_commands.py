"""``certreg issue``, ``work``, ``publish``, ``suspend``, ``reinstate``, ``revoke``, ``documents``."""

import time
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import click

from registry.certificate import lifecycle
from registry.certificate.lifecycle import Change, Reason
from registry.operator.desk import Desk
from registry.operator.holder_files import holder_files, names_of, released_numbers
from registry.operator.public_tree import publish
from registry.operator.work import issue, prepare

Act = Callable[..., Change]


@click.command("issue")
@click.argument("submissions", nargs=-1, type=click.UUID)
@click.pass_obj
def issue_command(desk: Desk, submissions: tuple[UUID, ...]) -> None:
    """Number, sign and release what is approved: all of it, or these SUBMISSIONS."""
    chosen = list(submissions) or None
    with click.progressbar(length=0, label="编号、签名、发布", show_eta=False) as bar:
        done = issue(
            desk.installation,
            desk.custody,
            desk.actor,
            now=desk.now(),
            progress=bar.update,
            submissions=chosen,
        )
    click.echo(f"已编号 {done.numbered}，已签名 {done.signed}，已发布 {done.released}")
    _publish(desk)


@click.command()
@click.option("--once", is_flag=True, help="Do what there is to do, then stop.")
@click.option("--every", default=10, show_default=True, type=click.IntRange(1), help="Seconds between rounds.")
@click.pass_obj
def work(desk: Desk, once: bool, every: int) -> None:
    """Do the register's own work: ID checks, issuing, publishing. Safe to stop and to start again."""
    while True:
        rows = prepare(desk.installation, desk.custody, progress=lambda _: None)
        done = issue(
            desk.installation, desk.custody, desk.actor, now=desk.now(), progress=lambda _: None
        )
        if rows or done.numbered or done.signed or done.released:
            click.echo(f"{desk.now():%H:%M:%S}Z  checks {rows}, numbered {done.numbered}, released {done.released}")
        _publish(desk, quiet=not (done.released or once))
        if once:
            return
        time.sleep(every)


@click.command("publish")
@click.pass_obj
def publish_command(desk: Desk) -> None:
    """Write trust bundle and status file into the public tree."""
    _publish(desk)


def _publish(desk: Desk, *, quiet: bool = False) -> None:
    status = publish(desk.installation, desk.custody, now=desk.now())
    if not quiet:
        click.echo(f"状态文件 {status.version}：登记序号 1–{status.size}，{desk.settings.public_dir}")


def _act_command(name: str, act: Act, help_text: str) -> click.Command:
    @click.command(name, help=help_text)
    @click.argument("number")
    @click.option("--reason", required=True, type=click.Choice(list(Reason)), help="Why; kept in the journal.")
    @click.option("--yes", is_flag=True, help="Do not ask.")
    @click.pass_obj
    def command(desk: Desk, number: str, reason: str, yes: bool) -> None:
        if not yes:
            click.confirm(f"{name} {number} ({reason})?", abort=True)
        now = desk.now()
        change = desk.installation.sessions.run(
            lambda session: act(session, desk.actor, number, Reason(reason), now=now)
        )
        click.echo(f"{number}: {change.before} → {change.after}")
        _publish(desk)

    return command


suspend = _act_command("suspend", lifecycle.suspend, "Suspend a certificate; it can be reinstated.")
reinstate = _act_command("reinstate", lifecycle.reinstate, "Lift a suspension.")
revoke = _act_command("revoke", lifecycle.revoke, "Revoke a certificate. This is final.")


@click.command()
@click.argument("numbers", nargs=-1)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to.")
@click.pass_obj
def documents(desk: Desk, numbers: tuple[str, ...], out: Path) -> None:
    """Write token, QR and PDF of certificates: these NUMBERS, or all that are released."""
    chosen = numbers or tuple(desk.installation.sessions.read(released_numbers))
    names = names_of(desk.installation)
    with click.progressbar(chosen, label="制作证书文件") as bar:
        for number in bar:
            holder_files(desk.installation, names, number).write(out)
    click.echo(f"{len(chosen)} 份，在 {out}")


certificate_commands = (issue_command, work, publish_command, suspend, reinstate, revoke, documents)
