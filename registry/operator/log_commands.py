"""``certreg log build``, ``check``, ``rebuild``: the public log's files and rows, held together and made whole."""

import os
import time
from contextlib import ExitStack
from pathlib import Path

import click

from registry.audit.check import own_hands
from registry.audit.evidence import open_evidence
from registry.audit.finding import Report
from registry.audit.log_alone import check_log
from registry.audit.processes import Address, many_hands
from registry.errors import RegistryError
from registry.foundation.charter import read_charter
from registry.log.catching_up import catch_up
from registry.log.errors import NoLog
from registry.log.files import LogFiles
from registry.log.growth import PublicLog
from registry.log.head import read_head
from registry.log.rebuilding import build
from registry.operator.check_commands import (
    FOUND,
    NOT_CHECKED,
    OWN_WITNESS,
    WORTH_PROCESSES,
    checking,
    has_own_witness,
    report_lines,
)
from registry.operator.desk import Desk
from registry.operator.last_check import forget_last_check
from registry.operator.log_keeping import open_log
from registry.operator.log_report import readmitted_lines
from registry.operator.progress import progress
from registry.operator.restored_check import places_of


@click.group()
def log() -> None:
    """Make the public log whole again, or check it.

    It grows by itself, with `certreg work`; these are for the day when something of it is lost.
    """


@log.command("build")
@click.pass_obj
def build_command(desk: Desk) -> None:
    """Write what is missing of the log's public files.

    All leaves are made anew out of the register's rows, held against what the log signed, and written where no file
    is; a file with other bytes is named and left. Then the witnesses cosign the checkpoint, if it is not there.
    """
    opened = _opened(desk)
    size = desk.installation.sessions.read(read_head).size
    click.echo(f"making {size} leaves anew, for {desk.settings.public_dir}/log")
    _build(desk, opened, size)


@log.command("check")
@click.option(
    "--processes", type=click.IntRange(1), help="How many processes; as many as there are cores if left out."
)
@click.pass_obj
def check_command(desk: Desk, processes: int | None) -> None:
    """Check the public log from what is stored, all of it.

    Every act's leaf, every tile and bundle, the root that row, memory and checkpoint say, who signed it, and that
    nothing was released before. Ends as `certreg check` does, of which this is a part.
    """
    started = time.monotonic()
    try:
        report = _checked(desk, processes)
    except RegistryError as error:
        click.echo(f"certreg: {error}", err=True)
        raise click.exceptions.Exit(NOT_CHECKED) from None
    for line in report_lines(report, time.monotonic() - started):
        click.echo(line)
    if has_own_witness(desk.custody, report):
        click.echo(OWN_WITNESS)
    if report.findings or report.skipped:
        raise click.exceptions.Exit(FOUND if report.findings else NOT_CHECKED)


@log.command("rebuild")
@click.option(
    "--from",
    "mirrors",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A mirror's copy of the public folder (may be repeated).",
)
@click.pass_obj
def rebuild_command(desk: Desk, mirrors: tuple[Path, ...]) -> None:
    """Take back the leaves that an older copy lost.

    For a register that was put back from one. Leaves are taken from the log's memory, the public folder or a mirror and
    believed if they go on from its own and the log or enough witnesses signed them; witnesses must say that they know
    no more. Its certificates follow what they tell: what was revoked or suspended is so again. Then the public files
    are built.
    """
    opened, sessions = _opened(desk), desk.installation.sessions
    size = sessions.read(read_head).size
    click.echo(f"the register knows {size} leaves; looking for more in {_places(desk, mirrors)}")
    with progress("making its leaves anew", size) as advance:
        done = catch_up(
            opened, [LogFiles(mirror) for mirror in mirrors], desk.actor, now=desk.now, progress=advance
        )
    if done.readmitted is None:
        click.echo("no leaf of the public log was lost")
    else:
        for line in readmitted_lines(done.readmitted, done.moved, done.staying):
            click.echo(line)
        forget_last_check(desk, before="rebuild")
    if done.signed:
        click.echo(f"the log's memory caught up with {done.signed} leaves")
    _build(desk, opened, sessions.read(read_head).size)
    if done.held_because:
        click.echo(f"numbering is held: {done.held_because}", err=True)


def _opened(desk: Desk) -> PublicLog:
    opened = open_log(desk.installation, desk.custody, now=desk.now)
    if opened is None:
        raise NoLog
    return opened


def _build(desk: Desk, opened: PublicLog, size: int) -> None:
    with progress("making leaves anew, then writing them", 2 * size) as advance:
        written = build(opened, now=desk.now, progress=advance)
    head = desk.installation.sessions.read(read_head)
    click.echo(f"public files written: {written}; {head.size} leaves, {head.cosigned} of them cosigned")


def _places(desk: Desk, mirrors: tuple[Path, ...]) -> str:
    folders = [f"{desk.settings.public_dir}/log", *(f"{mirror}/log" for mirror in mirrors)]
    return ", ".join(["the log's memory", *folders])


def _checked(desk: Desk, processes: int | None) -> Report:
    sessions, places = desk.installation.sessions, places_of(desk.custody)
    evidence = open_evidence(places, sessions.read(read_charter))
    size = sessions.read(read_head).size
    if processes is None:
        processes = (os.cpu_count() or 1) if size >= WORTH_PROCESSES else 1
    with ExitStack() as stack:
        hands = own_hands(sessions, evidence)
        if processes > 1:
            address = Address(desk.settings.database_url, desk.settings.limits)
            hands = stack.enter_context(many_hands(address, places, processes=processes))
        told = stack.enter_context(checking(0))
        return check_log(sessions, evidence, hands, places, progress=told)
