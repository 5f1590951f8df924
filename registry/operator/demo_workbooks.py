"""The demo's workbooks: what its bodies hand in, for an exam that ended a week ago."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from registry.assessment.template import write_workbook
from registry.civil_time import civil_date
from registry.operator.demo_candidates import DemoRow
from registry.operator.demo_cast import PROVINCE, Hand
from registry.operator.desk import Desk

TO_TRY: Final = "results.xlsx"
_OTHER: Final = {"junior": "intermediate", "intermediate": "senior", "senior": "junior"}


class Workbooks:
    """Writes workbooks of one demo into its folder."""

    def __init__(self, folder: Path, desk: Desk) -> None:
        self._folder = folder
        self._desk = desk

    def write(self, hand: Hand, rows: Sequence[DemoRow], label: str) -> Path:
        """Write a body's whole exam; return the file."""
        return self.write_rows(hand, [asdict(row) for row in rows], label)

    def write_to_try(self, hand: Hand, rows: Sequence[DemoRow], place: Path) -> None:
        """Write a small exam for whoever wants to hand in by hand: two of the body's people at another level.

        The second has a score that can not be.
        """
        tried = [
            replace(row, row=number, level=_OTHER[row.level]) for number, row in enumerate(rows[:2], start=1)
        ]
        tried[1] = replace(tried[1], theory="160.0")
        (place / TO_TRY).write_bytes(write_workbook(self._form(hand, [asdict(row) for row in tried])))

    def write_rows(self, hand: Hand, rows: Sequence[Mapping[str, Any]], label: str) -> Path:
        """Write rows of the JSON form; return the file."""
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"{hand.issuer}-{label}.xlsx"
        path.write_bytes(write_workbook(self._form(hand, rows)))
        return path

    def _form(self, hand: Hand, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        today = civil_date(self._desk.now())
        return {
            "format": "certreg-submission/1",
            "issuer": hand.issuer,
            "site": hand.site,
            "province": PROVINCE,
            "exam_started_on": str(today - timedelta(days=8)),
            "exam_ended_on": str(today - timedelta(days=7)),
            "rows": rows,
        }
