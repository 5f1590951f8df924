"""Corrected rows, handed in alone, and what they make of the rows that are there.

A row is known by its number (序号): a row with a number that is there takes that row's place, whole; any other is added
behind. JSON may also name rows to be removed, and both kinds of file may mend the head: what a set of corrections says
there counts, what it leaves empty stays. Merging makes one ``Content`` again, for the same check as ever; a corrected
row keeps the place of the one that it replaces, so that the clerk finds it where it was.

A set is taken if every fault in it can be mended by another set: a value in a row that has its number, or in the head.
Any other (a member or a heading that nobody knows, a row without its number) would stay for ever, so it is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from registry.assessment.cell_reading import row_number
from registry.assessment.content import HEADER_COLUMNS, MAX_ROWS, Column, Content, RawRow
from registry.assessment.errors import CellRefused, ContentUnreadable, SubmissionRefused
from registry.assessment.fault import MORE_FAULTS, Fault, FaultList
from registry.assessment.json_content import FORMAT, content_of
from registry.assessment.json_structure import Members, read_json
from registry.assessment.reading import JSON_MEDIA_TYPE, read_content

WHOLE_FILE: Final = "未列出的错误不能只用更正的行改正，请改正后重新提交整个文件"
# What readers say of a head that is not there.
_NOT_GIVEN = frozenset({"missing", "missing_heading"})


@dataclass(frozen=True, slots=True)
class Correction:
    """One set of corrections: rows as text, and the numbers of rows to be removed."""

    content: Content
    removed: frozenset[str]


def read_correction(content: bytes, media_type: str) -> Correction:
    """Read a set of corrections; raises ``UnsupportedMediaType``, or ``SubmissionRefused`` if it can not be merged.

    It can not if the file is unreadable as a whole, a row's number is missing, none, or given twice, or there is a
    fault that is of no row's value and of no value of the head.
    """
    removed: frozenset[str] = frozenset()
    if media_type == JSON_MEDIA_TYPE:
        document = read_json(content)
        if not isinstance(document, Members):
            raise ContentUnreadable("not_an_object", "JSON 的最外层不是对象", "请按接口说明的格式提交")
        removed = _removed(document)
        document.setdefault("format", FORMAT)
        document.setdefault("rows", [])
        read = content_of(document)
    else:
        read = read_content(content, media_type)
    given = {column: text for column, text in read.header.items() if text}
    told = tuple(fault for fault in read.faults if not _is_of_missing_head(fault, read))
    read = replace(read, header=given, faults=told)
    _require_mendable(read)
    return Correction(read, removed)


def _removed(document: Members) -> frozenset[str]:
    numbers: Any = document.pop("remove", [])
    if not isinstance(numbers, list) or not all(type(number) is int and number > 0 for number in numbers):
        raise ContentUnreadable("wrong_type", "remove 不是序号的数组", "请填写要删除的行的序号，如 [3, 7]")
    return frozenset(map(str, numbers))


def _require_mendable(content: Content) -> None:
    """Raise ``SubmissionRefused`` with all that is wrong, if no other set could take all of it away."""
    places = {row.place for row in content.rows}
    heads = {content.headings[column] for column in HEADER_COLUMNS}
    lasts = any(
        fault.row not in places and not (fault.row is None and fault.column in heads)
        for fault in content.faults
    )
    of_numbers = _faults_of_numbers(content)
    if lasts or of_numbers:
        # A number that is not given is told once.
        said = {(fault.row, fault.column) for fault in of_numbers}
        others = [
            fault
            for fault in content.faults
            if (fault.row, fault.column) not in said or fault.code not in _NOT_GIVEN
        ]
        raise SubmissionRefused(FaultList((*of_numbers, *others)).told())


def _faults_of_numbers(content: Content) -> tuple[Fault, ...]:
    faults, seen = FaultList(), set()
    for row in content.rows:
        text = row.cells.get(Column.ROW, "")
        try:
            row_number(text)
            if text in seen:
                raise CellRefused("repeated_row_number", "序号在更正的行中出现两次", "请让每行的序号都不同")
        except CellRefused as refusal:
            heading = content.headings[Column.ROW]
            faults.add(
                row.place, heading, text, code=refusal.code, message=refusal.message, remedy=refusal.remedy
            )
        seen.add(text)
    return faults.told()


def _is_of_missing_head(fault: Fault, content: Content) -> bool:
    heads = {content.headings[column] for column in HEADER_COLUMNS}
    return fault.row is None and fault.column in heads and fault.code in _NOT_GIVEN


@dataclass(slots=True)
class Merging:
    """A file while corrections are taken into it, in their order, one set after the other: the rows by place."""

    base: Content
    header: dict[Column, str] = field(init=False)
    rows: dict[int, RawRow] = field(init=False)
    faults: list[Fault] = field(init=False)
    places: dict[str, list[int]] = field(init=False, default_factory=dict)
    last: int = field(init=False)
    counts: Mapping[str, int] | None = field(init=False)
    draft: UUID | None = field(init=False)
    replaces: UUID | None = field(init=False)

    def __post_init__(self) -> None:
        self.header = dict(self.base.header)
        self.rows = {row.place: row for row in self.base.rows}
        # What was not told of the file is told by no set of rows.
        self.faults = [
            replace(fault, remedy=WHOLE_FILE) if fault.code == MORE_FAULTS else fault
            for fault in self.base.faults
        ]
        self.last = max(self.rows, default=1)
        self.counts = self.base.counts
        self.draft, self.replaces = self.base.draft, self.base.replaces
        for row in self.base.rows:
            self.places.setdefault(row.cells.get(Column.ROW, ""), []).append(row.place)

    def take(self, correction: Correction) -> None:
        """Take one set in. Raises ``ContentUnreadable`` if there are too many rows then."""
        dropped = {place for number in correction.removed for place in self.places.pop(number, ())}
        for place in dropped:
            del self.rows[place]
        moved = {}
        for row in correction.content.rows:
            place = self._place_of(row.cells[Column.ROW])
            moved[row.place] = place
            self.rows[place] = RawRow(place, row.cells)
        if len(self.rows) > MAX_ROWS:
            message = f"加上更正的行超过 {MAX_ROWS} 行"
            raise ContentUnreadable("too_many_rows", message, "请分成几次报送，重新提交整个文件")
        given = correction.content
        self.header.update(given.header)
        # What the body counted before, it counted of other rows.
        self.counts = given.counts
        self.draft, self.replaces = given.draft or self.draft, given.replaces or self.replaces
        mended = {self.base.headings[column] for column in given.header}
        gone = dropped | set(moved.values())
        kept = (fault for fault in self.faults if fault.row not in gone or fault.row is None)
        self.faults = [fault for fault in kept if fault.row is not None or fault.column not in mended]
        names = {given.headings[column]: self.base.headings[column] for column in Column}
        for fault in given.faults:
            place_of_fault = None if fault.row is None else moved.get(fault.row)
            column = None if fault.column is None else names.get(fault.column, fault.column)
            self.faults.append(replace(fault, row=place_of_fault, column=column))

    def content(self) -> Content:
        """Return all of it as one file, by place."""
        rows = tuple(self.rows[place] for place in sorted(self.rows))
        return replace(
            self.base,
            header=self.header,
            rows=rows,
            faults=tuple(self.faults),
            counts=self.counts,
            draft=self.draft,
            replaces=self.replaces,
        )

    def _place_of(self, number: str) -> int:
        """Return the place of the row with this number, a new one behind the last if there is none."""
        if number not in self.places:
            self.last += 1
            self.places[number] = [self.last]
        return self.places[number][0]
