"""Faults by the place where a clerk will look for them: the cell, the row, the exam's head, or the whole file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from registry.assessment.content import HEADER_COLUMNS, Column, Content
from registry.assessment.fault import Fault
from registry.assessment.workbook_form import SHEET_COLUMNS

Cell = tuple[int, Column]


@dataclass(frozen=True, slots=True)
class FaultPlaces:
    """The faults of a content, each in exactly one of these, in their order.

    ``cells`` are by the row's place and column. ``rows`` are about a row and none of the columns that a sheet has.
    ``head`` is about values of the exam, ``headings`` about a column as a whole, ``whole`` about the file, or about a
    place in it that no row has.
    """

    cells: dict[Cell, list[Fault]] = field(default_factory=dict)
    rows: dict[int, list[Fault]] = field(default_factory=dict)
    head: dict[Column, list[Fault]] = field(default_factory=dict)
    headings: dict[Column, list[Fault]] = field(default_factory=dict)
    whole: list[Fault] = field(default_factory=list)

    def of_row(self, place: int, columns: Sequence[Column]) -> list[Fault]:
        """Return the faults of a row, left to right, those of no column first."""
        found = list(self.rows.get(place, ()))
        for column in columns:
            found += self.cells.get((place, column), ())
        return found

    def faulty_rows(self) -> frozenset[int]:
        """Return the places of the rows with faults."""
        return frozenset(self.rows) | {place for place, _ in self.cells}


def fault_places(content: Content, faults: Iterable[Fault]) -> FaultPlaces:
    """Sort the faults of a content."""
    columns = {heading: column for column, heading in content.headings.items()}
    places = {row.place for row in content.rows}
    sorted_faults = FaultPlaces()
    for fault in faults:
        column = columns.get(fault.column or "")
        if fault.row in places and fault.row is not None:
            if column not in SHEET_COLUMNS:
                sorted_faults.rows.setdefault(fault.row, []).append(fault)
            else:
                sorted_faults.cells.setdefault((fault.row, column), []).append(fault)
        elif column is None or fault.row is not None:
            sorted_faults.whole.append(fault)
        elif column in HEADER_COLUMNS:
            sorted_faults.head.setdefault(column, []).append(fault)
        else:
            sorted_faults.headings.setdefault(column, []).append(fault)
    return sorted_faults
