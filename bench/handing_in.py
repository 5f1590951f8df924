"""Handing in over the API as a body's program does it: file, photo archive, check by a worker, signature, receipt.

``python -m bench.handing_in [--rows 10000] [--no-photos] [--csv] [--database SQLite]``. The API runs as ``certreg
serve`` runs it, the worker is ``certreg work``, each in processes of its own; the client is the library that bodies
are given. Every step is timed by the clock; the worker's processor time (its decoders' beside it) and its greatest
memory are the operating system's count. The floor of the photos is measured in the same run: the same decoders, with
no register around them.
"""

import argparse
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from sqlalchemy.orm import Session

from bench import sites
from bench.intake import form
from bench.photos import photo_file
from bench.registers import DATABASES, Register, open_register
from bench.report import Figures, Report, machine, render
from registry.assessment.csv_template import write_csv
from registry.assessment.template import write_workbook
from registry.civil_time import civil_date
from registry.client import Client, ClientKey, Draft, Transport, make_key
from registry.people.accounts import Purpose, enrol_key, load_actor
from registry.photo.many_photos import plain_photos

ROWS = 10_000
DIFFERENT_PHOTOS = 50
"""Pictures that are made; every row has its own copy in the archive, under a name of its own."""
PHOTO_SIZE = (1000, 1400)
PATIENCE_SECONDS = 3600.0
START_SECONDS = 5.0

Result = TypeVar("Result")


def main(arguments: list[str]) -> int:
    """Hand in one file; print what each step took."""
    parser = argparse.ArgumentParser(prog="python -m bench.handing_in")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--no-photos", action="store_true")
    parser.add_argument("--csv", action="store_true", help="a CSV in place of a workbook")
    parser.add_argument("--database", choices=DATABASES, default=DATABASES[0])
    chosen = parser.parse_args(arguments)
    print(f"Handing in over the API, {chosen.database}. {machine()}", flush=True)
    with (
        TemporaryDirectory(prefix="certreg-bench-body-") as folder,
        open_register(chosen.database) as register,
    ):
        body = Body.of(register, Path(folder), chosen.rows, photos=not chosen.no_photos, table=chosen.csv)
        with served(register) as url, working(register) as worker:
            print(render(body.hand_in(url, worker)))
    return 0


@dataclass(slots=True)
class Body:
    """A body with its keys and its files."""

    access: ClientKey
    submission: ClientKey
    results: Path
    photos: Path | None
    rows: int
    _steps: list[tuple[str, ...]] = field(default_factory=list)

    @classmethod
    def of(cls, register: Register, folder: Path, rows: int, *, photos: bool, table: bool) -> "Body":
        """Enrol two keys of the cast's second body; write its files."""
        hand = next(hand for hand in register.cast.hands if hand.issuer == form(1)["issuer"])
        now = register.desk.now()
        today = civil_date(now)
        made = {purpose: make_key(folder / f"{purpose}.pem", None, now=now) for purpose in PURPOSES}

        last = today + timedelta(days=365)

        def enrol(session: Session) -> None:
            actor = load_actor(session, hand.office.account)
            for purpose, key in made.items():
                enrol_key(session, actor, key.public, purpose, valid_from_on=today, valid_to_on=last, now=now)

        register.sessions.run(enrol)
        said = form(rows) | _exam_days(today)
        results = folder / ("results.csv" if table else "results.xlsx")
        results.write_bytes(write_csv(said) if table else write_workbook(said))
        archive = _archive(folder / "photos.zip", rows) if photos else None
        return cls(made[Purpose.ACCESS], made[Purpose.SUBMISSION], results, archive, rows)

    def hand_in(self, url: str, worker: "WorkerProcess") -> Report:
        """Go the whole way; return what it took."""
        client = Client(Transport(url, self.access, "demo"))
        # Not counted: the first request, for which the API opens the register, and the worker's start.
        client.listings()
        time.sleep(START_SECONDS)
        draft = self._step("file sent", worker, lambda: client.drafts.open(self.results))
        if self.photos is not None:
            archive = self.photos
            self._step("photos sent", worker, lambda: client.drafts.put_photos(draft.id, archive))
        checked = self._step("checked", worker, lambda: _waited(client, draft))
        if checked.status != "ready":
            raise SystemExit(f"the draft is {checked.status}: {checked.failure or checked.faults}")
        settled = self._step("settled content fetched", worker, lambda: client.settled(checked))
        self._step("signed", worker, lambda: client.drafts.sign(settled, self.submission))
        handed_in = self._step("handed in by the worker", worker, lambda: _waited(client, draft))
        if handed_in.submission_id is None:
            raise SystemExit(f"the draft is {handed_in.status}: {handed_in.failure}")
        notes = [f"The worker's greatest memory: {worker.peak_mib()} MiB."]
        if self.photos is not None:
            notes.append(self._bare_decoders())
        head = ("step", "clock", "worker's CPU", "its decoders'", "CPU a row")
        sizes = f"{self.results.name} {_megabytes(self.results)}"
        if self.photos is not None:
            sizes += f", {self.rows:,} photos {_megabytes(self.photos)}"
        return Report(f"{self.rows:,} rows: {sizes}", [], notes=notes, figures=(Figures(head, self._steps),))

    def _step(self, name: str, worker: "WorkerProcess", act: Callable[[], Result]) -> Result:
        began, own, children = time.perf_counter(), *worker.cpu_seconds()
        result = act()
        clock = time.perf_counter() - began
        own, children = (
            now - before for now, before in zip(worker.cpu_seconds(), (own, children), strict=True)
        )
        each = f"{(own + children) / self.rows * 1e6:,.0f} µs"
        self._steps.append((name, f"{clock:.1f} s", f"{own:.1f} s", f"{children:.1f} s", each))
        print(f"  {name}: {clock:.1f} s", file=sys.stderr, flush=True)
        return result

    def _bare_decoders(self) -> str:
        """Make a sample of the photos with the decoders alone, and say what all would take."""
        sample = [photo_file("JPEG", PHOTO_SIZE) for _ in range(DIFFERENT_PHOTOS)] * 6
        began = time.perf_counter()
        for _ in plain_photos(enumerate(sample)):
            pass
        seconds = (time.perf_counter() - began) / len(sample) * self.rows
        return (
            f"The decoders alone, with no register around them, would take {seconds:.0f} s for these photos."
        )


PURPOSES = (Purpose.ACCESS, Purpose.SUBMISSION)


@dataclass(frozen=True, slots=True)
class WorkerProcess:
    """``certreg work`` as a process, read by ``proc(5)``."""

    process_id: int

    def cpu_seconds(self) -> tuple[float, float]:
        """Return the processor time it has used so far, and that of its children that have ended."""
        fields = Path(f"/proc/{self.process_id}/stat").read_text("utf-8").rpartition(")")[2].split()
        ticks = os.sysconf("SC_CLK_TCK")
        return (int(fields[11]) + int(fields[12])) / ticks, (int(fields[13]) + int(fields[14])) / ticks

    def peak_mib(self) -> int:
        """Return its greatest resident memory."""
        lines = Path(f"/proc/{self.process_id}/status").read_text("ascii").splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) // 1024


@contextmanager
def served(register: Register) -> Iterator[str]:
    """Serve the API; yields its address. A body may ask as often as it likes: its limit is not what is measured."""
    environ = register.desk.settings.to_environ() | {"CERTREG_API_REQUESTS_PER_MINUTE": "1000000"}
    with sites.serve("registry.app:create_app()", environ) as site:
        yield f"http://127.0.0.1:{site.port}"


@contextmanager
def working(register: Register) -> Iterator[WorkerProcess]:
    """Let a worker look after drafts; it is stopped afterwards."""
    command = [str(Path(sys.executable).parent / "certreg"), "work", "--only", "drafts", "--every", "1"]
    environ = os.environ | register.desk.settings.to_environ()
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
    try:
        yield WorkerProcess(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=sites.PATIENCE_SECONDS)


def _waited(client: Client, draft: Draft) -> Draft:
    return client.drafts.wait(draft.id, seconds=PATIENCE_SECONDS)


def _exam_days(today: date) -> dict[str, str]:
    ended = today - timedelta(days=7)
    return {"exam_started_on": f"{ended - timedelta(days=1)}", "exam_ended_on": f"{ended}"}


def _archive(path: Path, rows: int) -> Path:
    """Write an archive with a photo for each row."""
    pictures = [photo_file("JPEG", PHOTO_SIZE) for _ in range(DIFFERENT_PHOTOS)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for row in range(1, rows + 1):
            archive.writestr(f"{row}.jpg", pictures[row % DIFFERENT_PHOTOS])
    return path


def _megabytes(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:.1f} MB"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
