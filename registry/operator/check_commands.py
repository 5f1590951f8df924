"""``certreg check``: everything that the register claims, derived once more from what is stored."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from registry.audit.check import Check, Progress, own_hands, rows_to_check
from registry.audit.evidence import open_evidence
from registry.audit.finding import Report
from registry.audit.processes import Address, many_hands
from registry.audit.remembered import Remembered, read_remembered, write_remembered
from registry.errors import RegistryError
from registry.foundation.charter import read_charter
from registry.operator.custody import Custody
from registry.operator.desk import Desk
from registry.operator.progress import progress
from registry.operator.restored_check import places_of
from registry.settings import Settings

FOUND, NOT_CHECKED = 1, 2

# Beginning another process takes longer than so many rows.
WORTH_PROCESSES = 5_000
SHOWN = 50

COUNTS = {
    "entries": "entries (登记序号)",
    "tokens": "tokens",
    "submissions": "submissions",
    "results": "results",
    "decisions": "decisions",
    "events": "events",
    "leaves": "leaves of the public log",
    "signed": "lines of the signer's journal",
}
# What no check of the register by itself can show.
LIMITS = (
    "Not shown by any check from within: whoever can rewrite all rows, digests and the journal's chain together is "
    "stopped by signatures alone; that accounts, times, returned rows and acts after release are as they were, only a "
    "witness outside can tell. ID checks are not computed anew (20 ms each): they are what reviewers signed."
)
OWN_WITNESS = (
    "The public log's only witness here is the register's own: it guards against mistakes, and not against whoever "
    "runs both."
)


@click.command()
@click.option("--full", is_flag=True, help="Check everything, not only what happened since the last check.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option(
    "--processes", type=click.IntRange(1), help="How many processes; as many as there are cores if left out."
)
@click.pass_obj
def check(desk: Desk, full: bool, as_json: bool, processes: int | None) -> None:
    """Check the whole register from what is stored.

    Numbers, states, the journal's chain, every signature, sealed columns, the signer's journal, the public files, the
    public log.
    Ends with 0 if nothing is wrong, 1 if something is, 2 if something could not be checked.
    """
    started = time.monotonic()
    try:
        report = _checked(desk, full=full, processes=processes)
    except RegistryError as error:
        click.echo(f"certreg: {error}", err=True)
        raise click.exceptions.Exit(NOT_CHECKED) from None
    seconds = time.monotonic() - started
    code = FOUND if report.findings else NOT_CHECKED if report.skipped else 0
    if as_json:
        click.echo(json.dumps(_content(report, seconds, code), ensure_ascii=False, indent=1))
    else:
        for line in report_lines(report, seconds):
            click.echo(line)
        click.echo(LIMITS)
        if has_own_witness(desk.custody, report):
            click.echo(OWN_WITNESS)
    if code:
        raise click.exceptions.Exit(code)


def check_state(settings: Settings) -> Path:
    """Return where a check remembers how far it came."""
    return settings.keys_dir / "check" / "state.json"


def _checked(desk: Desk, *, full: bool, processes: int | None) -> Report:
    sessions, places = desk.installation.sessions, places_of(desk.custody)
    state = check_state(desk.settings)
    remembered = None if full else read_remembered(state)
    evidence = open_evidence(places, sessions.read(read_charter))
    rows = sessions.read(rows_to_check)
    if processes is None:
        processes = (os.cpu_count() or 1) if remembered is None and rows >= WORTH_PROCESSES else 1
    with ExitStack() as stack:
        hands = own_hands(sessions, evidence)
        if processes > 1:
            address = Address(desk.settings.database_url, desk.settings.limits)
            hands = stack.enter_context(many_hands(address, places, processes=processes))
        told = stack.enter_context(checking(rows if remembered is None else 0))
        publishing = _publishing(desk.custody)
        report, new = Check(sessions, evidence, hands, places, remembered, told, publishing).run()
    _remember(state, new)
    return report


def _remember(state: Path, new: Remembered | None) -> None:
    if new is not None:
        write_remembered(state, new)


def _publishing(custody: Custody) -> Callable[[], AbstractContextManager[Any]]:
    # Whoever only looks makes no folder for the lock.
    return custody.publishing if custody.status_memory.path.parent.is_dir() else nullcontext


@contextmanager
def checking(rows: int) -> Iterator[Progress]:
    """Give what is told how far a check has come; ``rows`` 0: it is not known of how many."""
    with progress("checking", rows) as advance:
        told = 0

        def tell(done: int, of: int) -> None:
            nonlocal told
            advance(done - told)
            told = done

        yield tell


def _content(report: Report, seconds: float, code: int) -> dict[str, Any]:
    return {
        "exit_code": code,
        "since_place": report.since_place,
        "counts": report.counts,
        "seconds": round(seconds, 3),
        "findings": [asdict(finding) for finding in report.findings],
        "skipped": [asdict(skipped) for skipped in report.skipped],
    }


def has_own_witness(custody: Custody, report: Report) -> bool:
    """Say whether a public log was checked whose witness this installation runs itself."""
    return "leaves" in report.counts and not custody.settings.witnesses


def report_lines(report: Report, seconds: float) -> Iterator[str]:
    """Yield what a check found, for people."""
    since = report.since_place
    yield f"checked what came after place {since} of the journal" if since else "checked everything"
    counts = [f"{label} {report.counts[name]}" for name, label in COUNTS.items() if report.counts.get(name)]
    rate = report.counts.get("entries", 0) / max(seconds, 0.001)
    yield f"{', '.join(counts) or 'nothing new'}; in {seconds:.1f} s, {rate:,.0f} entries/s"
    if report.counts.get("waiting"):
        yield f"events without a place in the chain yet: {report.counts['waiting']} (`certreg work` gives them one)"
    if uncosigned := report.counts.get("uncosigned"):
        yield f"{uncosigned} leaves are not cosigned yet"
    for skipped in report.skipped:
        yield f"not checked: {skipped.part}: {skipped.why}"
    if not report.findings:
        yield "nothing is wrong" if not report.skipped else "nothing is wrong with what was checked"
    else:
        yield f"found: {len(report.findings)}"
    for finding in report.findings[:SHOWN]:
        yield f"  {finding.text}"
    if len(report.findings) > SHOWN:
        yield f"  … and {len(report.findings) - SHOWN} more, see --json"


check_commands = (check,)
