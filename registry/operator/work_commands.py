"""``certreg work`` and ``certreg health``: a worker that a supervisor keeps running, and how it is getting on."""

import json
import os
import socket
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import datetime, timedelta

import click
from sqlalchemy.exc import DBAPIError

from keys.errors import KeysError
from registry.errors import RegistryError
from registry.operator.desk import Desk
from registry.operator.errors import NotFounded
from registry.operator.health_report import as_document, as_lines
from registry.operator.work import tasks
from registry.operator.working_keys import WorkingKeys
from registry.people.accounts import load_actor
from registry.people.permission import Actor
from registry.plain_files import NotAPlainFile
from registry.work.errors import WorkerBroken, WorkerForbidden
from registry.work.faults import first_of, told
from registry.work.health import Limits, complaints, read_health
from registry.work.job import Job
from registry.work.records import Records
from registry.work.stopping import Stopping
from registry.work.words import ENGLISH
from registry.work.worker import Round, Worker
from signing.errors import SigningError
from signing.status import Status

# sysexits: a fault of the program, for a supervisor to start anew; a fault of the disk, for nobody to start anew.
BROKEN, FORBIDDEN = 70, 74

FAILED, UNHEALTHY, CANNOT_TELL = 1, 1, 2

# What a round is told with; chain and status file follow from it.
TOLD = (Job.DRAFTS, Job.ID_CHECKS, Job.NUMBER, Job.SIGN, Job.RELEASE)

UNTOLD = (RegistryError, DBAPIError, OSError)


class Bulletin:
    """What a worker says: each round that did something, and what is new among faults and what was left behind."""

    def __init__(self, desk: Desk, *, quiet: bool) -> None:
        self._desk = desk
        self._quiet = quiet
        self._told: dict[Job, set[str]] = {}

    def round(self, outcome: Round) -> None:
        """Tell of a round; a fault that lasts is told once, and of many new ones the first 20 and how many others."""
        counts = {job: count for job, count in outcome.done.items() if job in TOLD}
        if any(counts.values()) or not self._quiet:
            self.say(", ".join(f"{ENGLISH.jobs[job]} {count}" for job, count in counts.items()))
        self._quiet = True
        for job in outcome.done:
            failed = [f"{ENGLISH.jobs[job]}: {outcome.failed[job]}"] if job in outcome.failed else []
            faults = failed + outcome.left_behind.get(job, [])
            before = self._told.get(job, set())
            for text in first_of([text for text in faults if text not in before]):
                self.say(text, err=True)
            self._told[job] = set(faults)

    def published(self, status: Status) -> None:
        """Tell of a status that came out."""
        self.say(f"status file {status.version}: entries 1–{status.size}, {self._desk.settings.public_dir}")

    def say(self, text: str, *, err: bool = False) -> None:
        """Say something with the time; whoever read this may be gone, and the work goes on."""
        with suppress(OSError):
            click.echo(f"{self._desk.now():%H:%M:%S}Z  {text}", err=err)


@click.command()
@click.option("--once", is_flag=True, help="Do what there is to do, then stop.")
@click.option(
    "--every",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    help="Seconds until it looks again if there was nothing to do.",
)
@click.option(
    "--only",
    multiple=True,
    type=click.Choice([job.value for job in Job]),
    help="This job alone (may be repeated); without it, all of them.",
)
@click.pass_obj
def work(desk: Desk, once: bool, every: int, only: tuple[str, ...]) -> None:
    """Do the register's own work, round after round.

    Drafts, ID checks, numbering, signing, release, the journal's chain, publishing. Any number of workers may run at
    once, and each may be stopped at any time: SIGTERM or Ctrl-C end it after the batch in hand, a second one ends it at
    once.
    Meant to be kept running by a supervisor; exit code 70 is a fault of the program, 74 damaged files, which somebody
    must look at before it is started again.
    """
    actor, bulletin, name = desk.actor, Bulletin(desk, quiet=not once), worker_name(desk.now())

    def present_actor() -> Actor:
        # A worker lives for months, and an appointment may not.
        return desk.installation.sessions.read(lambda session: load_actor(session, actor.account_id))

    with closing(WorkingKeys(desk.settings)) as keys, Stopping() as stop:
        everything = tasks(
            desk.installation, keys, present_actor, worker=name, now=desk.now, published=bulletin.published
        )
        worker = Worker(
            [task for task in everything if not only or task.job.value in only],
            Records(desk.installation.sessions, name, started_at=desk.now()),
            stop,
            every_seconds=every,
            now=desk.now,
            tell=bulletin.round,
        )
        _run(worker, bulletin, once=once, every=every)


def _run(worker: Worker, bulletin: Bulletin, *, once: bool, every: int) -> None:
    try:
        if once:
            if not worker.run_once():
                raise click.exceptions.Exit(FAILED)
            return
        bulletin.say(f"looks again every {every} s while there is nothing to do; Ctrl-C ends it")
        worker.run()
        bulletin.say("stopped")
    except WorkerBroken as fault:
        bulletin.say(
            f"ended by a fault of the program, to be started again by the supervisor: {fault}", err=True
        )
        raise click.exceptions.Exit(BROKEN) from None
    except WorkerForbidden as fault:
        bulletin.say(f"ended, not to be started again before somebody has looked: {fault}", err=True)
        raise click.exceptions.Exit(FORBIDDEN) from None


def worker_name(started_at: datetime) -> str:
    """Return the name of a worker of this process: host, process, start. No two are the same."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{started_at:%Y%m%dT%H%M%S.%f}"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for programs.")
@click.option(
    "--max-age",
    default=300,
    show_default=True,
    type=click.IntRange(1),
    metavar="SECONDS",
    help="How old the last success of a job, and the last sign of a worker, may be.",
)
@click.option(
    "--max-wait",
    default=3600,
    show_default=True,
    type=click.IntRange(1),
    metavar="SECONDS",
    help="How long anything may wait for a job.",
)
@click.pass_obj
def health(desk: Desk, as_json: bool, max_age: int, max_wait: int) -> None:
    """Show how the work is getting on.

    Last success and failure of each job, what waits and since when, which workers live, whether the register is behind
    its signer. Exit code 0: all is well; 1: somebody must see to something, be it that no worker has run yet; 2: it can
    not be told.
    """
    limits = Limits(timedelta(seconds=max_age), timedelta(seconds=max_wait))
    try:
        found = desk.installation.sessions.read(lambda session: read_health(session, now=desk.now()))
    except UNTOLD as fault:
        click.echo(f"certreg: it can not be told: {told(fault)}", err=True)
        raise click.exceptions.Exit(CANNOT_TELL) from None
    known, why_not = _known_entries(desk)
    faults = complaints(found, limits, known_entries=known, words=ENGLISH)
    if as_json:
        click.echo(json.dumps(as_document(found, faults, known, why_not), ensure_ascii=False, indent=1))
    else:
        for line in as_lines(found, faults, why_not):
            click.echo(line)
    if faults:
        raise click.exceptions.Exit(UNHEALTHY)
    if why_not is not None:
        raise click.exceptions.Exit(CANNOT_TELL)


def _known_entries(desk: Desk) -> tuple[Mapping[str, int] | None, str | None]:
    """Return what others know of entries, or ``None`` and why they could not be asked."""
    try:
        with closing(WorkingKeys(desk.settings)) as keys:
            return keys.known_entries(), None
    except (KeysError, SigningError, NotFounded, NotAPlainFile, OSError) as fault:
        return None, told(fault)


work_commands = (work, health)
