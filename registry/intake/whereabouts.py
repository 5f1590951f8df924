"""Where the clerk finds a row: the register knows rows by the body's own numbers, the clerk by lines and headings."""

from registry.assessment.content import Column, Content
from registry.assessment.errors import CellRefused
from registry.assessment.fault import Fault
from registry.shown_text import shown


class Whereabouts:
    """Places of the rows of one file, by the number that the body gave them."""

    def __init__(self, content: Content) -> None:
        self._headings = content.headings
        self._places = {row.cells[Column.ROW]: row.place for row in content.rows}

    def fault(self, row: int, column: Column, value: str, refusal: CellRefused) -> Fault:
        """Return the fault of one cell of the row with this number, in the words of its file."""
        place, heading = self._places[str(row)], self._headings[column]
        return Fault(place, heading, shown(value), refusal.code, refusal.message, refusal.remedy)
