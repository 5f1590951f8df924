"""One run: a register and work for it, issuers that are killed, a database server that is killed, and the verdict.

Everything that was started has ended and everything that was written is gone when ``Storm.run`` returns.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from registry.audit.check import Check, own_hands
from registry.audit.evidence import Places, open_evidence
from registry.audit.finding import Report as Findings
from registry.certificate.approved import unfinished_submissions
from registry.certificate.issuance import number_approved
from registry.certificate.release import release_signed
from registry.certificate.signature import sign_numbered
from registry.database.errors import RegisterBusy
from registry.journal.sequencer import chain_events
from registry.operator.desk import Desk
from registry.operator.public_tree import publish
from tests.rigs.postgres_server import PostgresServer
from tests.stress.acknowledgement import Acknowledged, read_notebooks
from tests.stress.ground import Ground, founded, write_settings
from tests.stress.issuer import NOTES, SETTINGS, SUPPLY
from tests.stress.judge import Remains, Verdict, judge
from tests.stress.remains import remains_of
from tests.stress.supply import Supply

SQLITE, POSTGRESQL = "sqlite", "postgresql"
DATABASES = (SQLITE, POSTGRESQL)

LARGE_SHARE, LARGE_ROWS, SMALL_ROWS = 0.01, 1000, 50
ROOT = Path(__file__).parents[2]
POLL_SECONDS = 0.05
NURSERY_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """What a run is made of. ``engine_kills`` counts on PostgreSQL alone: SQLite has no process of its own.

    ``ready_rows`` are approved before the clock starts, and more whenever fewer are left.
    """

    database: str
    seconds: float
    seed: int
    issuers: int = 16
    kill_seconds: float = 0.18
    engine_kills: int = 5
    ready_rows: int = 12_000

    def run(self) -> "Report":
        """Run, judge, and leave nothing behind."""
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="certreg-storm-")))
            server = None
            if self.database == POSTGRESQL:
                server = stack.enter_context(PostgresServer.started())
            url = server.create_database("register").render_as_string(hide_password=False) if server else None
            chance = Random(self.seed)
            ground = stack.enter_context(founded(folder, database_url=url, chance=chance))
            return _Run(self, folder, ground, server, chance).run()


@dataclass(slots=True)
class Report:
    """The counts of a run, and what was wrong. ``rough`` is what went wrong with the run itself."""

    acts: Counter[str] = field(default_factory=Counter)
    entries: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    toll: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    engine_kills: int = 0
    certificates: int = 0
    series: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    findings: tuple[str, ...] = ()
    rough: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        """Everything that must not be."""
        judged = [f"{fault.wrong}: {fault.what}" for fault in self.verdict.faults]
        return [*judged, *self.findings, *self.rough]

    def take_acknowledged(self, acknowledged: list[Acknowledged]) -> None:
        """Count what was acknowledged."""
        for done in acknowledged:
            self.acts[done.act] += 1
            self.entries[done.act] += len(done.given)

    def take_remains(self, remains: Remains) -> None:
        """Count what is left."""
        self.certificates, self.series = len(remains.entries), len(remains.issued)


@dataclass
class _Run:
    storm: Storm
    folder: Path
    ground: Ground
    server: PostgresServer | None
    chance: Random
    report: Report = field(default_factory=Report)
    _open: list[tuple[int, int]] = field(default_factory=list)

    def run(self) -> Report:
        with self._timed("prepare"):
            (self.folder / NOTES).mkdir()
            write_settings(self.ground.desk.settings, self.folder / SETTINGS)
            self._supply = Supply(self.folder / SUPPLY)
            self._feed(self.storm.ready_rows)
        self._storm()
        with self._timed("finish"):
            finish(self.ground.desk)
        with self._timed("judge"):
            self._judge()
        return self.report

    def _storm(self) -> None:
        """Let issuers live and die; meanwhile see to the supply, and kill the database server at its instants."""
        with self._nursery() as nursery:
            begun = time.monotonic()
            kills = self._engine_kills(begun)
            # A slow machine takes longer over its kills; it is spared none of them.
            while time.monotonic() < begun + self.storm.seconds or kills:
                if nursery.poll() is not None:
                    self.report.rough.append(f"the nursery ended by itself ({nursery.returncode})")
                    return
                if self.server and kills and time.monotonic() >= kills[0]:
                    kills.pop(0)
                    self._kill(self.server)
                elif not self._feed(self.storm.ready_rows, most=1):
                    time.sleep(POLL_SECONDS)
            self._spend("storm", time.monotonic() - begun)

    def _engine_kills(self, begun: float) -> list[float]:
        """Return the instants at which the server dies: one in each of equal parts of the time."""
        kills = self.storm.engine_kills if self.server else 0
        chances = [self.chance.uniform(0.1, 0.7) for _ in range(kills)]
        return [begun + self.storm.seconds * (place + share) / kills for place, share in enumerate(chances)]

    def _kill(self, server: PostgresServer) -> None:
        begun = time.monotonic()
        server.kill()
        server.start()
        self.report.engine_kills += 1
        self._spend("without the server", time.monotonic() - begun)

    def _feed(self, rows: int, *, most: int | None = None) -> int:
        """Approve at most so many submissions until so many rows are on offer; return how many that was."""
        self._open = [(place, size) for place, size in self._open if self._supply.is_open(place)]
        fed = 0
        while sum(size for _, size in self._open) < rows and fed != most:
            large = self.chance.random() < LARGE_SHARE
            size = LARGE_ROWS if large else self.chance.randint(1, SMALL_ROWS)
            fed += 1
            try:
                self._open.append((self._supply.add(self.ground.approve(size)), size))
            except RegisterBusy:
                # It stays where it is in review; somebody else's turn.
                self.report.refused["feeder"] += 1
        return fed

    @contextmanager
    def _nursery(self) -> Iterator[subprocess.Popen[bytes]]:
        storm, told = self.storm, self.folder / "nursery.err"
        options = ["--issuers", storm.issuers, "--kill-seconds", storm.kill_seconds, "--seed", storm.seed]
        command = [sys.executable, "-m", "tests.stress.nursery", self.folder, *options]
        with (
            told.open("wb") as errors,
            subprocess.Popen(
                list(map(str, command)),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            ) as nursery,
        ):
            try:
                # What it imports takes seconds, and they are not part of the storm.
                nursery.stdout.readline()
                yield nursery
                said, _ = nursery.communicate(timeout=NURSERY_SECONDS)
            finally:
                # Its issuers die with it.
                nursery.kill()
        self._take_toll(json.loads(said or "{}"), told.read_text("utf-8", errors="replace"))

    def _take_toll(self, toll: dict[str, Any], told: str) -> None:
        self.report.toll = toll
        if toll.get("broken", 1):
            self.report.rough.append(f"issuers ended by themselves:\n{told[-6000:]}")
        if toll.get("strays", 1):
            self.report.rough.append("processes of issuers outlived them")

    def _judge(self) -> None:
        acknowledged, refused = read_notebooks(self.folder / NOTES)
        self.report.refused += refused
        self.report.take_acknowledged(acknowledged)
        remains = remains_of(self.ground.desk)
        self.report.take_remains(remains)
        self.report.verdict = judge(remains, acknowledged)
        found = full_check(self.ground.desk)
        skipped = tuple(f"{part.part}: {part.why}" for part in found.skipped)
        self.report.findings = (*(finding.text for finding in found.findings), *skipped)

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self._spend(name, time.monotonic() - begun)

    def _spend(self, name: str, seconds: float) -> None:
        self.report.seconds[name] = self.report.seconds.get(name, 0.0) + seconds


def finish(desk: Desk) -> None:
    """Finish all that was begun, undisturbed: number, sign, release, chain, publish."""
    installation, custody, actor, now = desk.installation, desk.custody, desk.actor, desk.now()
    sessions, profiles = installation.sessions, installation.profiles
    signers, environment = custody.certificate_signers(), desk.settings.environment
    for submission in sessions.read(unfinished_submissions):
        while number_approved(
            sessions, actor, submission, profiles.issuing, environment=environment, now=now
        ):
            pass
    while sign_numbered(sessions, actor, signers, profiles, environment=environment, now=now):
        pass
    while release_signed(sessions, actor, custody.trust, now=now):
        pass
    while chain_events(sessions):
        pass
    publish(installation, custody, now=now)


def full_check(desk: Desk) -> Findings:
    """Return what the register's own full check finds."""
    settings, custody, sessions = desk.settings, desk.custody, desk.installation.sessions
    places = Places(
        environment=settings.environment,
        data_key_file=settings.data_key_file,
        lookup_key_file=settings.lookup_key_file,
        root_file=settings.root_file,
        trust_folder=custody.home.keys_path.parent,
        status_memory=custody.status_memory.path,
        signer_journal=custody.journal_path,
        public_dir=settings.public_dir,
    )
    evidence = open_evidence(places, desk.installation.charter)
    check = Check(sessions, evidence, own_hands(sessions, evidence), places, publishing=custody.publishing)
    return check.run()[0]
