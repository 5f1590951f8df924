"""Strict reading of a CSV table: UTF-8, exactly the named columns, no padding, no line skipped in silence.

Every fault is noted with file, line and column, and reading goes on, so that the keeper of the file sees all
of them at once. What the values mean across tables is none of its business.
"""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from typing import Any

from registry.directory.errors import DataFault

CellReader = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One understood line: where it stands, and its values by column."""

    file: str
    number: int
    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


@dataclass(slots=True)
class Faults:
    """The faults found so far in all files of one reading."""

    found: list[DataFault] = field(default_factory=list)

    def note(self, file: str, line: int | None, column: str, why: str) -> None:
        """Add one fault."""
        self.found.append(DataFault(file, line, column, why))

    def note_at(self, line: Line, column: str, why: str) -> None:
        """Add one fault of an understood line."""
        self.note(line.file, line.number, column, why)


def read_sheet(
    root: Traversable, name: str, columns: Mapping[str, CellReader], key: tuple[str, ...], faults: Faults
) -> list[Line]:
    """Return the lines of the table that are understood; note a fault for every one that is not.

    ``columns`` gives the columns in their order, each with a reader that raises ``ValueError`` with a 中文
    reason. No two lines may agree in all columns of ``key``.
    """
    lines = []
    seen: dict[tuple[Any, ...], int] = {}
    for number, cells in _cells(root, name, list(columns), faults):
        values = _values(name, number, columns, cells, faults)
        if values is None:
            continue
        natural_key = tuple(values[column] for column in key)
        if natural_key in seen:
            faults.note(name, number, "+".join(key), f"与第 {seen[natural_key]} 行重复")
            continue
        seen[natural_key] = number
        lines.append(Line(name, number, values))
    return lines


def _cells(root: Traversable, name: str, header: list[str], faults: Faults) -> list[tuple[int, list[str]]]:
    """Return (line number, cells) of every line of the right shape."""
    try:
        text = root.joinpath(*name.split("/")).read_bytes().decode("utf-8")
    except FileNotFoundError:
        faults.note(name, None, "-", "文件不存在")
        return []
    except UnicodeDecodeError as error:
        faults.note(name, None, "-", f"不是 UTF-8 文本（第 {error.start} 字节）")
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    shaped = []
    try:
        for cells in reader:
            number = reader.line_num
            if number == 1 and cells != header:
                faults.note(name, 1, "-", f"表头应为 {','.join(header)}")
                return []
            if number > 1 and len(cells) != len(header):
                faults.note(name, number, "-", f"应有 {len(header)} 列，实有 {len(cells)} 列")
            elif number > 1:
                shaped.append((number, cells))
    except csv.Error as error:
        faults.note(name, reader.line_num, "-", f"不是合格的 CSV：{error}")
    if not shaped:
        faults.note(name, None, "-", "没有可用的数据行")
    return shaped


def _values(
    name: str, number: int, columns: Mapping[str, CellReader], cells: list[str], faults: Faults
) -> dict[str, Any] | None:
    values = {}
    for (column, read), cell in zip(columns.items(), cells, strict=True):
        try:
            values[column] = read(cell)
        except ValueError as error:
            faults.note(name, number, column, str(error))
    return values if len(values) == len(columns) else None
