"""Restore drills: a crash, a lost volume, a backup of the day before; what was lost, and how long it took.

``python -m bench.drills [--certificates N] [--database SQLite]``. Every certificate of the register was acknowledged:
the drill keeps number and token, as bodies and holders do, and holds the restored register against them. The last tenth
is issued after the backup "of the day before", half of it from results that were in the backup already.

RPO counts certificates: *lost* (the restored register does not know them), *kept without bytes* (number, entry and
status are there, the token has to come back from its body or holder), *whole*. RTO is the time from the loss until the
register has given its next certificate, checks of the restore included.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from bench.filling import ROWS, Person, add_approved, issue_all, person
from bench.held import (
    Held,
    Losses,
    held_in,
    last_entry_of,
    losses_among,
    numbers_given_twice,
    read_line,
)
from bench.registers import DATABASES, Register, open_register
from bench.report import machine
from keys.status_file import require_lawful_status
from registry.backup.folder import BackupFolder
from registry.backup.outside import Stated
from registry.backup.readmission import sign_again
from registry.backup.restoration import Conditions, restore
from registry.backup.sealing import BackupSeal
from registry.backup.writing import back_up
from registry.certificate.approved import unfinished_submissions
from registry.database.sessions import Sessions
from registry.directory.profiles import load_profiles
from registry.journal.sequencer import chain_events
from registry.operator import ceremony
from registry.operator.desk import Desk
from registry.operator.outside_knowledge import outside_knowledge
from registry.operator.public_tree import publish
from registry.operator.restored_check import restored_faults
from registry.people.permission import Actor
from registry.personal_data import read_secret
from registry.settings import load_settings

CERTIFICATES = 100_000
AIM_SECONDS = 300

CRASH_SUBMISSIONS, CRASH_ROWS = 40, 100
KILLED_AFTER_ACKNOWLEDGEMENTS = 12


def main(arguments: list[str]) -> int:
    """Run the drills; return 1 if a certificate was lost or a number was given twice."""
    parser = argparse.ArgumentParser(prog="python -m bench.drills")
    parser.add_argument("--certificates", type=int, default=CERTIFICATES)
    parser.add_argument("--database", choices=DATABASES, action="append")
    parser.add_argument("--issue-until-killed", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.issue_until_killed:
        return issue_until_killed()
    print(f"Restore drills at {chosen.certificates:,} certificates. {machine()}")
    well = True
    for database in chosen.database or DATABASES:
        print(f"\n{database}", flush=True)
        # One epoch is enough for the whole drill; how epochs follow each other is not its question.
        ceremony.EPOCH_ENTRIES = 2 * chosen.certificates + 100 * ROWS
        with open_register(database) as register:
            well &= Drills(register, chosen.certificates).run()
    return 0 if well else 1


def unseen(_: int) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Timed:
    """A step of the drill: what is told of it when it is done."""

    what: str
    told: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        """Return the seconds since the step began."""
        return time.monotonic() - self.started


@contextmanager
def timed(what: str) -> Iterator[Timed]:
    """Print what a step did, and its seconds."""
    step = Timed(what)
    yield step
    print(f"  {what:<28} {step.seconds():7.1f} s  {'; '.join(step.told)}", flush=True)


class Drills:
    """One register, filled, backed up, and lost in three ways."""

    def __init__(self, register: Register, certificates: int) -> None:
        self._register = register
        self._desk = register.desk
        self._certificates = certificates
        self._persons = 0
        self._well = True
        data_key = read_secret(self._desk.settings.data_key_file)
        seal = BackupSeal(self._desk.custody.identity, data_key)
        self._folder = BackupFolder(self._desk.settings.keys_dir.parent / "backups", seal)

    def run(self) -> bool:
        """Play all drills; return whether nothing was lost and nothing was given twice."""
        recent = max(self._certificates // 10 // ROWS, 2)
        with timed("fill") as step:
            self._issue([self._approved() for _ in range(self._certificates // ROWS - recent)])
            step.told.append(f"{self._certificates / step.seconds():,.0f} certificates/s, review included")
        waiting = [self._approved() for _ in range(recent // 2)]
        old = self._back_up("backup of the day before")
        self._issue(waiting + [self._approved() for _ in range(recent - len(waiting))])
        self._crash()
        new = self._back_up("backup just before the loss")
        held = held_in(self._desk.installation.sessions)
        self._restore("lost volume", new, held)
        self._restore("backup of the day before", old, held)
        return self._well

    def _people(self, count: int) -> list[Person]:
        self._persons += count
        return [person(serial) for serial in range(self._persons - count, self._persons)]

    def _approved(self, rows: int = ROWS) -> object:
        return add_approved(self._register, self._people(rows), now=self._desk.now())

    def _issue(self, submissions: list[object]) -> None:
        for submission in submissions:
            issue_all(self._register, submission, now=self._desk.now())
        publish(self._desk.installation, self._desk.custody, now=self._desk.now())

    def _back_up(self, what: str) -> str:
        sessions = self._desk.installation.sessions
        while chain_events(sessions):
            pass
        with timed(what) as step:
            environment = self._desk.settings.environment
            done = back_up(
                sessions, self._folder, environment=environment, now=self._desk.now, progress=unseen
            )
            step.told.append(f"{done.manifest.rows:,} rows")
            step.told.append(f"{done.written} of {len(done.manifest.chunks)} chunks written")
            step.told.append(f"{self._folder.size() / 1e6:,.0f} MB in the folder")
        return done.name

    def _crash(self) -> None:
        """Kill a process that issues, then go on with what it left."""
        for _ in range(CRASH_SUBMISSIONS):
            self._approved(CRASH_ROWS)
        command = [sys.executable, "-m", "bench.drills", "--issue-until-killed"]
        environ = os.environ | self._desk.settings.to_environ()
        with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as issuing:
            lines = iter(issuing.stdout or ())
            acknowledged = [next(lines) for _ in range(KILLED_AFTER_ACKNOWLEDGEMENTS * CRASH_ROWS)]
            issuing.send_signal(signal.SIGKILL)
            with timed("crash") as step:
                # What was written before the kill was acknowledged too; a torn last line was not.
                acknowledged += [line for line in lines if line.endswith("\n")]
                desk = Desk(self._desk.settings)
                left = desk.installation.sessions.read(unfinished_submissions)
                for submission in left[:1]:
                    issue_all(replace(self._register, desk=desk), submission, now=desk.now())
                step.told.append(f"RTO {step.seconds():.1f} s")
            for submission in left[1:]:
                issue_all(replace(self._register, desk=desk), submission, now=desk.now())
        publish(desk.installation, desk.custody, now=desk.now())
        held = dict(read_line(line) for line in acknowledged)
        self._judge(held, losses_among(held, desk.installation.sessions), desk.installation.sessions)
        desk.close()

    def _restore(self, what: str, name: str, held: Held) -> None:
        settings = replace(self._desk.settings, database_url=self._empty_place(what))
        before = self._desk.custody.status_memory.last()
        with timed(what) as step:
            desk = Desk(settings)
            outside = outside_knowledge(desk.custody, copies=(), stated=Stated(), never_published=False)
            conditions = Conditions(
                environment=settings.environment,
                acting=self._acting,
                outside=outside,
                profiles=load_profiles(),
                check=lambda session: self._checked(session, desk, step),
                now=desk.now(),
            )
            done = restore(settings.database_url, self._folder, name, conditions, progress=unseen)
            step.told.append(f"restored in {step.seconds():.1f} s")
            sessions = desk.installation.sessions
            signers = desk.custody.certificate_signers()
            while sign_again(sessions, desk.actor, signers, now=desk.now()):
                pass
            step.told.append(f"{done.raised.rejoined:,} found again and signed")
            register = replace(self._register, desk=desk)
            fresh = add_approved(register, self._people(ROWS), now=desk.now())
            issue_all(register, fresh, now=desk.now())
            status = publish(desk.installation, desk.custody, now=desk.now())
            seconds = step.seconds()
            step.told.append(f"RTO {seconds:.1f} s (aim {AIM_SECONDS})")
        require_lawful_status(before, status)
        self._judge(held, losses_among(held, sessions), sessions)
        desk.close()

    def _judge(self, held: Held, losses: Losses, sessions: Sessions) -> None:
        twice = numbers_given_twice(held, sessions)
        print(f"  {'':<28} RPO of {len(held):,} held: {losses}; given twice: {twice}", flush=True)
        self._well &= not losses.lost and not twice

    def _checked(self, session: Session, desk: Desk, step: Timed) -> list[str]:
        """Check as ``certreg restore`` does; findings are counted, because the results here were never handed in."""
        started = step.seconds()
        faults = restored_faults(session, desk.custody)
        step.told.append(f"{started:.1f} s until checked, check {step.seconds() - started:.1f} s")
        if faults:
            step.told.append(f"{len(faults):,} findings, such as {faults[0]}")
        return []

    def _acting(self, _session: object) -> Actor:
        return self._desk.actor

    def _empty_place(self, what: str) -> str:
        url = make_url(self._desk.settings.database_url)
        if url.get_backend_name() == "sqlite":
            place = Path(str(url.database)).with_name(f"{what.replace(' ', '-')}.sqlite3")
            return f"sqlite:///{place}"
        name = what.replace(" ", "_")
        server = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
        return url.set(database=name).render_as_string(hide_password=False)


def issue_until_killed() -> int:
    """Issue what is approved, submission by submission; write what was released, which acknowledges it."""
    desk = Desk(load_settings(os.environ))
    register = Register("", desk, None, ())
    for submission in desk.installation.sessions.read(unfinished_submissions):
        before = last_entry_of(desk.installation.sessions)
        issue_all(register, submission, now=desk.now())
        for number, (entry, token) in held_in(desk.installation.sessions, after=before).items():
            print(number, entry, token.hex())
        sys.stdout.flush()
    time.sleep(60)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
