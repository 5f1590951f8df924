"""``certreg work`` and ``certreg health``: alone, killed, stopped, and in doubt."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from keys.errors import JournalUnavailable
from keys.signer.journal import SignerJournal
from registry.certificate.tables import Certificate, Entry, EntryCounter, Series
from registry.database.errors import RegisterBusy, StorageDamaged
from registry.journal.tables import Event, LogHead
from registry.operator.desk import present
from registry.operator.draft_commands import drafts
from registry.operator.progress import progress
from registry.operator.signer_command import signer_command
from registry.operator.work_commands import BROKEN, FORBIDDEN, Bulletin, work_commands
from registry.publication.public_files import STATUS, TRUST_NAMES
from registry.review.tables import SignedDecision
from registry.work.drafting import Drafting
from registry.work.issuing import Issuing
from registry.work.job import Job
from registry.work.tables import WorkerRecord
from registry.work.words import ENGLISH
from registry.work.worker import Round
from tests.registry.assessment.submissions import resident_id, row
from tests.registry.operator.office import Office, environ_of
from tests.registry.operator.serving import CERTREG

PATIENCE_SECONDS = 60.0

# A worker at one of whose points something happens; the commands themselves never arm any.
ARMED = """
import sys
from keys.crash_points import CrashMode, arm
from registry.operator.command import main
point, mode, *arguments = sys.argv[1:]
arm(point, CrashMode(mode), environment="test", hang_seconds=3)
main(arguments, prog_name="certreg")
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def either_office(request: pytest.FixtureRequest, tmp_path, quick_id_checks) -> Iterator[Office]:
    """A founded register, once on each database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("office")
        return
    office = Office(tmp_path, environ_of(tmp_path, request.getfixturevalue("empty_postgresql")))
    office.found()
    yield office


@contextmanager
def process(office: Office, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program of the register in a process of its own; it is killed at the end if it still runs."""
    running = subprocess.Popen(
        [sys.executable, *arguments],
        env={**os.environ, **office.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield running
    finally:
        if running.poll() is None:
            running.kill()
        running.communicate(timeout=PATIENCE_SECONDS)


def await_condition(condition, running):
    """Return when the condition holds; fail if the process ends, or nothing happens for too long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert running.poll() is None, running.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)


def read(office: Office, query) -> list:
    """Return the first column of every row."""
    installation = office.installation
    try:
        return installation.sessions.read(lambda session: list(session.scalars(query)))
    finally:
        installation.sessions.close()


def statuses(office: Office) -> list[str]:
    return read(office, select(Entry.status).order_by(Entry.entry))


def health(office: Office, *arguments: str, code: int = 0) -> dict:
    said = office.certreg("health", "--json", *arguments)
    assert said.exit_code == code, said.output
    return json.loads(said.stdout)


def test_once_does_all_there_is_and_says_so(office):
    office.approved()

    said = office.done("work", "--once")

    assert "ID checks 0, numbering 3, signing 3, release 3" in said
    assert "entries 1–3" in said
    assert "numbering 0, signing 0, release 0" in office.done("work", "--once")


def test_the_whole_road_is_worked_without_a_command_between(office):
    submission = office.submitted()
    for name in ("province", "centre", "office"):
        office.done("work", "--once")
        office.done("review", submission, "--key", office.key(name), "--yes")
    office.done("work", "--once")

    assert statuses(office) == ["released"] * 3
    assert None not in read(office, select(Event.place))


def test_one_job_alone_can_be_done(office):
    office.approved()

    office.done("work", "--once", "--only", "number", "--only", "chain")

    assert statuses(office) == ["numbered"] * 3


@pytest.mark.parametrize("arguments", [("--every", "0"), ("--every", "soon"), ("--only", "everything")])
def test_wrong_use_is_refused(office, arguments):
    assert arguments[0] in office.refused("work", *arguments, code=2)


def test_before_the_keys_are_founded_it_says_what_to_do(empty_office):
    empty_office.done("init")

    said = empty_office.refused("work", "--once")

    assert "certreg key found" in said


def stopped_after(pauses, monkeypatch):
    """Let the worker pause no time, and be asked to stop by a signal after so many pauses."""
    left = iter(range(pauses - 1))

    def pause(stop, seconds):
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr("registry.work.stopping.Stopping.pause", pause)


def test_it_goes_on_round_after_round_until_it_is_asked_to_stop(office, monkeypatch):
    office.approved()
    stopped_after(3, monkeypatch)

    said = office.done("work", "--every", "1")

    assert said.count("release 3") == 1
    assert said.count("status file") == 1
    assert said.rstrip().endswith("stopped")
    assert None not in read(office, select(WorkerRecord.stopped_at))


def test_asked_to_stop_it_puts_down_the_drafts_in_hand(office, monkeypatch):
    ends = []
    monkeypatch.setattr(Drafting, "put_all_down", lambda drafting: ends.append(drafting))
    stopped_after(1, monkeypatch)

    office.done("work", "--every", "1")

    assert len(ends) == 1


def test_a_busy_register_does_not_end_the_work(office, monkeypatch):
    office.approved()
    honest, tries = Issuing.number, []

    def busy_at_first(issuing):
        tries.append(1)
        if len(tries) == 1:
            raise RegisterBusy(8, "locked by another writer")
        yield from honest(issuing)

    monkeypatch.setattr(Issuing, "number", busy_at_first)
    monkeypatch.setattr("registry.work.worker.FIRST_PAUSE_SECONDS", 0.0)
    stopped_after(4, monkeypatch)

    said = office.done("work")

    assert said.count("the register was busy") == 1
    assert statuses(office) == ["released"] * 3


def test_a_journal_that_failed_once_is_opened_anew(office, monkeypatch):
    office.approved()
    honest, failures = SignerJournal.admit, []

    def fails_once(journal, wanted):
        if not failures:
            failures.append(1)
            journal._failed = True
            raise JournalUnavailable("journal", "no room")
        return honest(journal, wanted)

    monkeypatch.setattr(SignerJournal, "admit", fails_once)
    monkeypatch.setattr("registry.work.worker.FIRST_PAUSE_SECONDS", 0.0)
    stopped_after(3, monkeypatch)

    assert "no room" in office.done("work")
    assert statuses(office) == ["released"] * 3


def test_a_fault_of_the_program_ends_it_with_a_code_for_the_supervisor(office, monkeypatch):
    def broken(*_):
        raise TypeError("张三")

    monkeypatch.setattr(Issuing, "number", broken)

    said = office.refused("work", code=70)

    assert "TypeError at test_work_commands.py" in said
    assert "张三" not in said
    number = health(office, code=1)["jobs"]["number"]
    assert number["failures"] == 1
    assert "TypeError" in number["failure"]


def test_damaged_files_end_it_with_a_code_that_forbids_to_start_again(office, monkeypatch):
    def damaged(*_):
        raise StorageDamaged("malformed")

    monkeypatch.setattr(Issuing, "number", damaged)

    assert "certreg check" in office.refused("work", code=74)


def test_a_reader_of_its_words_that_is_gone_does_not_end_it(office, monkeypatch):
    office.approved()

    def gone(*_, **__):
        raise BrokenPipeError(32, "nobody reads")

    monkeypatch.setattr("registry.operator.work_commands.click.echo", gone)

    office.done("work", "--once")

    assert statuses(office) == ["released"] * 3


class Present:
    """A desk that has nothing but the time."""

    now = staticmethod(present)


def test_of_many_refusals_the_first_are_said_once_and_how_many_others(capsys):
    bulletin = Bulletin(Present(), quiet=True)
    refused = [f"entry {entry} can not be signed" for entry in range(1, 101)]
    for left in (refused, refused, [*refused, "entry 101 can not be signed"]):
        bulletin.round(Round({Job.SIGN: 0}, {}, {Job.SIGN: left}))

    said = [line.split("  ", 1)[1] for line in capsys.readouterr().err.splitlines()]
    assert said == [*refused[:20], "and 80 more", "entry 101 can not be signed"]


def test_publishing_alone_comes_to_an_end_when_nothing_has_its_place(office):
    office.approved()
    office.done("issue")

    said = office.done("work", "--once", "--only", "publish")

    assert said.count("status file") == 1


POINTS = ["number.committed", "sign.journalled", "release.before_commit", "release.committed"]


@pytest.mark.parametrize("point", POINTS)
def test_what_a_killed_worker_left_another_finishes(office, point):
    office.approved()
    with process(office, "-c", ARMED, point, "kill", "work") as killed:
        assert killed.wait(timeout=PATIENCE_SECONDS) == -signal.SIGKILL

    office.done("work", "--once")

    assert statuses(office) == ["released"] * 3
    assert read(office, select(Series.issued).where(Series.issued > 0)) == [3]
    # The killed one never said that it stopped, if it had come to say anything.
    assert sum(at is not None for at in read(office, select(WorkerRecord.stopped_at))) == 1


def test_another_worker_that_runs_finishes_what_a_killed_one_left(either_office):
    office = either_office
    with process(office, CERTREG, "work", "--every", "1") as other:
        await_condition(lambda: read(office, select(WorkerRecord.name)), other)
        other.send_signal(signal.SIGSTOP)
        office.approved()
        with process(office, "-c", ARMED, "sign.signed", "kill", "work") as killed:
            assert killed.wait(timeout=PATIENCE_SECONDS) == -signal.SIGKILL
        assert statuses(office) == ["numbered"] * 3
        other.send_signal(signal.SIGCONT)

        await_condition(lambda: statuses(office) == ["released"] * 3, other)
        other.send_signal(signal.SIGTERM)
        assert other.wait(timeout=PATIENCE_SECONDS) == 0


def journal_lines(office):
    """Return how many lines the signer's journal has, its header included."""
    return (office.folder / "keys" / "signer" / "journal").read_bytes().count(b"\n")


def test_asked_to_stop_in_the_middle_of_a_batch_it_finishes_the_batch(either_office):
    office = either_office
    office.approved()
    with process(office, "-c", ARMED, "sign.signed", "hang", "work") as worker:
        # The journal knows the batch, so the key is being used.
        await_condition(lambda: journal_lines(office) == 1 + 3, worker)
        worker.send_signal(signal.SIGTERM)
        said = worker.communicate(timeout=PATIENCE_SECONDS)[0]

    assert worker.returncode == 0, said
    assert "stopped" in said
    assert "numbered" not in statuses(office)
    assert None not in read(office, select(WorkerRecord.stopped_at))
    office.done("work", "--once")
    assert statuses(office) == ["released"] * 3


def test_a_copy_of_an_older_register_numbers_nothing(office):
    first = office.approved()
    older = (office.folder / "register.sqlite3").read_bytes()
    office.done("issue")
    for part in ("register.sqlite3-wal", "register.sqlite3-shm"):
        (office.folder / part).unlink(missing_ok=True)
    (office.folder / "register.sqlite3").write_bytes(older)

    for command in (("work", "--once"), ("issue",)):
        assert "older copy of itself" in office.refused(*command)
    assert "older copy of itself" in office.refused("health")
    assert statuses(office) == []
    assert first


def test_missing_public_files_are_put_back_in_the_next_round(office):
    office.done("work", "--once")
    (office.folder / "public" / TRUST_NAMES).unlink()
    (office.folder / "public" / STATUS).unlink()

    office.done("work", "--once")

    assert (office.folder / "public" / TRUST_NAMES).exists()
    assert (office.folder / "public" / STATUS).exists()


def test_health_of_a_register_where_nothing_has_run_yet_says_what_to_start_and_no_more(office):
    office.approved()
    said = office.refused("health", code=1)

    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  no worker has run here yet\n", said)
    assert [line for line in said.splitlines() if line.startswith("see to: ")] == [
        f"see to: {ENGLISH.never_worked}"
    ]
    assert re.search(r"  numbering: 3 waiting, the oldest for \d+ s\n", said)
    assert "never succeeded" not in said


def test_health_of_a_register_whose_worker_ended_says_so(office):
    office.done("work", "--once")

    said = office.refused("health")

    assert "see to: no `certreg work` is running" in said
    assert "to see to" in said.splitlines()[0]


def keep_alive(office: Office) -> None:
    """Let the last worker look as if it still ran."""
    installation = office.installation
    installation.sessions.run(lambda session: session.execute(update(WorkerRecord).values(stopped_at=None)))
    installation.sessions.close()


def test_health_is_good_while_a_worker_works(office):
    office.approved()
    office.done("work", "--once")
    keep_alive(office)

    said = office.done("health")
    found = health(office)

    assert "in good order" in said
    assert "numbering: last success" in said
    assert found["healthy"] is True
    assert found["complaints"] == []
    assert found["last_entry"] == 3
    assert set(found["known_entries"].values()) == {3}
    assert list(found["jobs"]) == [job.value for job in Job]
    assert found["backlog"]["number"] == {"count": 0, "oldest_at": None}


def test_health_complains_of_what_a_job_left_behind_and_of_held_numbers(office):
    office.approved()
    installation = office.installation
    installation.sessions.run(
        lambda session: session.execute(update(EntryCounter).values(held_because="最高编号不明"))
    )
    installation.sessions.close()
    assert "最高编号不明" in office.refused("work", "--once")
    keep_alive(office)

    said = office.refused("health")

    assert "see to: numbering is held: 最高编号不明" in said
    assert "numbering: never succeeded" in said


def test_a_register_that_others_know_more_of_still_suspends_and_publishes_and_says_so(office):
    office.approved()
    office.done("work", "--once")
    number = read(office, select(Certificate.number))[0]
    office.approved(row(1, name="李四", id_number=resident_id(77)))
    installation = office.installation
    installation.sessions.run(
        lambda session: session.execute(update(LogHead).values(behind="12 leaves, not 10"))
    )
    installation.sessions.close()
    (office.folder / "public" / STATUS).unlink()

    worked = office.refused("work", "--once")

    assert "only reads, suspends, revokes and distrusts: 12 leaves, not 10" in worked
    assert statuses(office) == ["released"] * 3
    assert (office.folder / "public" / STATUS).exists()
    assert "有效 → 已暂停" in office.done("suspend", number, "--reason", "under_investigation", "--yes")
    said = office.refused("reinstate", number, "--reason", "holder_request", "--yes")
    assert "12 leaves, not 10" in said
    assert "see to: this register is an older copy of itself" in office.refused("health")
    assert health(office, code=1)["outdated_because"] == "12 leaves, not 10"


def test_health_can_not_tell_without_its_database_or_its_signer(office, empty_office):
    office.done("work", "--once")
    keep_alive(office)
    (office.folder / "keys" / "signer" / "journal").rename(office.folder / "elsewhere")

    said = office.refused("health", code=2)
    assert "the signer's journal could not be asked" in said
    assert health(office, code=2)["healthy"] is None
    nowhere = Office(office.folder, {**office.environ, "CERTREG_DATABASE_URL": "sqlite:////nowhere.sqlite3"})
    assert "it can not be told" in nowhere.refused("health", code=2)


def test_health_complains_of_what_waits_for_long(office):
    office.done("work", "--once")
    keep_alive(office)
    office.approved()
    assert health(office)["healthy"] is True
    installation = office.installation
    long_ago = present() - timedelta(hours=2)
    installation.sessions.run(
        lambda session: session.execute(update(SignedDecision).values(decided_at=long_ago))
    )
    installation.sessions.close()

    assert health(office, code=1)["complaints"] == ["numbering: 3 wait, the oldest for 2 h"]
    assert health(office, "--max-wait", "10000")["healthy"] is True


class Terminal:
    """A standard error that is a terminal, and keeps what was written."""

    def __init__(self):
        self.text = ""

    def isatty(self):
        return True

    def write(self, text):
        self.text += text

    def flush(self):
        """Nothing is kept back."""


def test_a_bar_tells_how_many_are_done_in_a_second(monkeypatch):
    terminal, seconds = Terminal(), iter([0.0, 2.0, 4.0])
    monkeypatch.setattr(sys, "stderr", terminal)

    with progress("编号", 6000, clock=lambda: next(seconds)) as advance:
        advance(3000)
        advance(3000)

    assert "编号" in terminal.text
    assert "3000/6000" in terminal.text
    assert "1,500/s" in terminal.text
    assert "6000/6000" in terminal.text


def test_the_operations_page_quotes_what_there_is():
    page = (Path(__file__).parents[3] / "docs" / "operations-worker.md").read_text("utf-8")
    commands = (*work_commands, signer_command, *drafts.commands.values())
    known = {name for command in commands for parameter in command.params for name in parameter.opts}

    assert set(re.findall(r"--[a-z]+(?:-[a-z]+)*", page)) <= known
    assert set(re.findall(r"--only (\w+)", page)) <= set(Job)
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(Job)
    assert f"RestartPreventExitStatus={FORBIDDEN}" in page
    assert f"exit code {BROKEN}:" in page


def test_a_pipe_in_the_place_of_the_public_status_is_not_waited_for_and_gives_way_to_a_file(office):
    office.done("publish")
    path = office.folder / "public" / STATUS
    path.unlink()
    os.mkfifo(path)

    said = office.certreg("health").output
    office.certreg("work", "--once")

    assert f"{path} is a pipe" in said
    assert path.is_file()
    office.done("work", "--once")
