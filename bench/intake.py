"""Reading and checking a body's file: 10,000 rows as CSV and as workbook, and the workbook that is sent back.

The baselines are the barest readers and writers of such files, which check nothing. Peak memory is that of a process
of its own, from the file on disk to the checked submission.
"""

import csv
import io
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import python_calamine
from openpyxl import Workbook

from bench.comparison import Comparison, compare, cpu_rate_of
from bench.report import Figures, Report
from registry.assessment.checking import check
from registry.assessment.content import Content
from registry.assessment.csv_template import write_csv
from registry.assessment.errors import SubmissionRefused
from registry.assessment.identity import check_character
from registry.assessment.marked_workbook import marked_workbook
from registry.assessment.reading import CSV_MEDIA_TYPE, WORKBOOK_MEDIA_TYPE, media_type_of, read_content
from registry.assessment.template import write_workbook
from registry.directory.body_view import BodyView
from registry.directory.reading import shipped_directory
from registry.jurisdiction.rules import jurisdictions

ROWS = 10_000
MOST_ROWS = 100_000
REPEATS = 3
WRONG_EVERY = 3
ISSUER = "S0002"
TODAY = date(2026, 11, 20)
SITTINGS = [
    (level, direction)
    for level in ("junior", "intermediate", "senior")
    for direction in ("大数据分析", "大数据处理", "大数据管理", None)
]


def measure() -> Report:
    """Measure the two readers with the check, the marked workbook, and what a process needs for a whole file."""
    right, wrong = form(ROWS), form(ROWS, wrong=True)
    table, workbook = write_csv(right), write_workbook(right)
    refused = read_content(write_csv(wrong), CSV_MEDIA_TYPE)
    faults = faults_of(refused)
    return Report(
        "Intake of a file",
        [
            _compared(
                f"read and check {ROWS:,} rows of CSV",
                lambda: checked(read_content(table, CSV_MEDIA_TYPE)),
                "csv.DictReader over the same bytes",
                lambda: list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"), newline=""))),
            ),
            _compared(
                f"read and check a workbook of {ROWS:,} rows",
                lambda: checked(read_content(workbook, WORKBOOK_MEDIA_TYPE)),
                "calamine over the same bytes",
                lambda: (
                    python_calamine.load_workbook(io.BytesIO(workbook)).get_sheet_by_name("成绩").to_python()
                ),
            ),
            _compared(
                f"mark {len(faults):,} faults in {ROWS:,} rows",
                lambda: marked_workbook(refused, faults),
                "openpyxl writing the same cells bare",
                lambda: _bare_workbook(refused),
            ),
        ],
        figures=(Figures(("file", "rows", "size", "read and check", "peak memory"), _files(right)),),
        notes=(
            "Rates are rows a second of CPU time.",
            "Memory is the whole process's, its libraries included.",
        ),
    )


def _compared(
    claim: str, ours: Callable[[], object], against: str, baseline: Callable[[], object]
) -> Comparison:
    return compare(
        claim,
        lambda: cpu_rate_of(ours, count=ROWS),
        against=against,
        baseline=lambda: cpu_rate_of(baseline, count=ROWS),
        unit="rows/s",
        repeats=REPEATS,
    )


def _bare_workbook(content: Content) -> None:
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet()
    for row in content.rows:
        sheet.append(list(row.cells.values()))
    workbook.save(io.BytesIO())


def _files(right: dict[str, Any]) -> list[tuple[str, ...]]:
    with TemporaryDirectory() as folder:
        files = {
            ROWS: [("results.csv", write_csv(right)), ("results.xlsx", write_workbook(right))],
            MOST_ROWS: [("most.csv", write_csv(form(MOST_ROWS)))],
        }
        return [_file(Path(folder, name), data, rows) for rows, made in files.items() for name, data in made]


def _file(path: Path, data: bytes, rows: int) -> tuple[str, ...]:
    path.write_bytes(data)
    program = [sys.executable, "-m", "bench.intake", str(path)]
    seconds, kibibytes = subprocess.run(program, check=True, capture_output=True, text=True).stdout.split()
    peak = int(kibibytes) // 1024
    return path.suffix, f"{rows:,}", f"{len(data) / 1e6:.1f} MB", f"{float(seconds):.1f} s", f"{peak} MiB"


def form(rows: int, *, wrong: bool = False) -> dict[str, Any]:
    """Return a form of so many invented people's results; every third of them wrong in one thing, if asked."""
    return {
        "issuer": ISSUER,
        "site": "000002",
        "province": "21",
        "exam_started_on": "2026-11-07",
        "exam_ended_on": "2026-11-08",
        "rows": [_row(number, wrong=wrong and number % WRONG_EVERY == 0) for number in range(1, rows + 1)],
    }


def _row(number: int, *, wrong: bool) -> dict[str, Any]:
    person, sitting = divmod(number, len(SITTINGS))
    level, direction = SITTINGS[sitting]
    body = f"210102{1950 + person // 1000 % 50}0101{person % 1000:03d}"
    return {
        "row": number,
        "name": f"张{chr(0x4E00 + person)}",
        "id_type": "resident_id",
        "id_number": body + check_character(body),
        "occupation": "2-02-10-11",
        "edition": 1,
        "direction": direction,
        "level": level,
        "theory": "101" if wrong else "86.5",
        "practice": "70",
        "commitment": True,
    }


def view() -> BodyView:
    """Return the body as the shipped directory has it."""
    data = shipped_directory()
    return BodyView(
        body=next(body for body in data.bodies if body.issuer == ISSUER),
        sites={(site.province, site.code): site for site in data.sites if site.issuer == ISSUER},
        listings=tuple(listing for listing in data.listings if listing.issuer == ISSUER),
        occupations={named.occupation: named for named in data.occupations},
        directions={direction.code: direction for direction in data.directions},
    )


def checked(content: Content) -> object:
    """Check the content as intake does."""
    return check(content, view(), today=TODAY, jurisdictions=jurisdictions())


def faults_of(content: Content) -> Any:
    """Return the faults for which the content is refused."""
    try:
        checked(content)
    except SubmissionRefused as refusal:
        return refusal.faults
    raise RuntimeError("a wrong file was accepted")


def main(path: Path) -> None:
    """Read and check a file; print seconds of CPU time and the greatest memory in KiB.

    Not by ``getrusage``: what it calls the greatest began with the process that started this one.
    """
    content = path.read_bytes()
    started = time.process_time()
    checked(read_content(content, media_type_of(path.name)))
    seconds = time.process_time() - started
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    print(seconds, next(line.split()[1] for line in lines if line.startswith("VmHWM")))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
