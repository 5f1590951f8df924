"""A fault: one thing that is wrong in what was handed in, where it stands, and how to mend it.

Faults are for the person who typed the value, and quote it, an ID number too. They go back to him and nowhere
else: never into a log, a metric, an event or the text of an error.
"""

from dataclasses import dataclass, replace

from registry.shown_text import shown

MAX_FAULTS = 20_000
# The code of what is told in place of the faults beyond.
MORE_FAULTS = "more_faults"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    ``row`` is the row where the clerk finds it: the line number of the sheet for a workbook, the place in
    ``rows`` (1 first) for JSON; None when it is not about one row. ``column`` is the heading or the
    JSON field, None when it is not about one. ``value`` is what was seen, already safe to show. ``code`` is
    a stable snake_case name; ``message`` (what is wrong) and ``remedy`` (how to mend it) are Chinese.
    """

    row: int | None
    column: str | None
    value: str
    code: str
    message: str
    remedy: str

    @property
    def text(self) -> str:
        """One line for the clerk."""
        place = "" if self.row is None else f"第 {self.row} 行"
        place += "" if self.column is None else f"“{self.column}”"
        seen = f"（填写值：{self.value}）" if self.value else ""
        return f"{place}{'：' if place else ''}{self.message}{seen}。{self.remedy}。"

    def to_json(self) -> dict[str, str | int | None]:
        """Return the fault for an answer to the body that handed the file in."""
        return {
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "code": self.code,
            "message": self.message,
            "remedy": self.remedy,
        }


class FaultList:
    """Collects faults; keeps ``MAX_FAULTS`` of them and counts the rest, so that a hostile file ends."""

    def __init__(self, faults: tuple[Fault, ...] = ()) -> None:
        self._faults = list(faults)
        self._untold = 0

    def __len__(self) -> int:
        return len(self._faults) + self._untold

    def is_told(self, row: int | None, column: str) -> bool:
        """Say whether a fault of this place is in the list."""
        return any(fault.row == row and fault.column == column for fault in self._faults)

    def add(
        self, row: int | None, column: str | None, value: str, *, code: str, message: str, remedy: str
    ) -> None:
        """Note a fault; ``value`` is made safe to show here."""
        if len(self._faults) >= MAX_FAULTS:
            self._untold += 1
            return
        self._faults.append(Fault(row, column, shown(value), code, message, remedy))

    def told(self) -> tuple[Fault, ...]:
        """Return the faults in the order of the file: the whole file, its head, then row by row."""
        faults = sorted(self._faults, key=lambda fault: -1 if fault.row is None else fault.row)
        if self._untold:
            faults.append(replace(_MORE, message=f"另有 {self._untold} 处错误未列出"))
        return tuple(faults)


_MORE = Fault(None, None, "", MORE_FAULTS, "", "请先改正以上各处再提交")
