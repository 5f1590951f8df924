"""Hostile and odd workbooks: each is refused at once with what and why, or is harmless and read.

Beside ``test_package`` (the zip) and ``test_workbook_content`` (cells and sheets): what whole files of other programs
and of attackers hold. None may cost more than a second of processor time or tens of megabytes.
"""

import io
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.styles import PatternFill, Protection
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula
from openpyxl.worksheet.table import Table

from registry.assessment.errors import ContentUnreadable
from registry.assessment.reading import WORKBOOK_MEDIA_TYPE, read_content
from tests.registry.assessment.workbooks import (
    MAIN,
    RELATIONS,
    SHARED,
    SHEET,
    TYPES,
    added,
    edited,
    good_workbook,
    repacked,
    replaced,
    with_lying_sizes,
    with_shared_texts,
)

RESULTS = "成绩"
WORKBOOK = "xl/workbook.xml"
STYLES = "xl/styles.xml"
HEAD_SHEET = "xl/worksheets/sheet1.xml"
SHEET_RELATIONS = "xl/worksheets/_rels/sheet2.xml.rels"
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
TRANSITIONAL = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LAUGHS = b'<!DOCTYPE x [<!ENTITY e0 "ha">%s]>' % b"".join(
    b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10)
)
SECONDS = 1.0
MEBIBYTES = 200


def changed(change: Callable[[Workbook], object]) -> Callable[[], bytes]:
    return lambda: edited(change)


def with_cell(place: str, value: object, **attributes: object) -> Callable[[], bytes]:
    def change(workbook: Workbook) -> None:
        cell = workbook[RESULTS][place]
        cell.value = value
        for name, attribute in attributes.items():
            setattr(cell, name, attribute)

    return changed(change)


def xml_of(part: str, old: bytes, new: bytes) -> Callable[[], bytes]:
    return lambda: replaced(part, old, new)


def other_zip(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return target.getvalue()


def zip_of_zips(depth: int) -> bytes:
    content = bytes(1_000_000)
    for _ in range(depth):
        content = other_zip({f"inner{n}.zip": content for n in range(10)})
    return added("xl/media/image1.zip", content)


def many_entries() -> bytes:
    return repacked(lambda parts: parts.update({f"xl/media/{n}.png": b"x" for n in range(10_000)}))


def shared_bomb() -> bytes:
    """One text of a megabyte, pointed at from every cell."""

    def change(parts: dict[str, bytes]) -> None:
        parts[SHARED] = parts[SHARED].replace(b"<si>", b"<si><t>" + b"a" * 1_000_000 + b"</t></si><si>", 1)
        cells = b"".join(
            b'<row r="%d">%s</row>'
            % (line, b"".join(b'<c r="%c%d" t="s"><v>0</v></c>' % (letter, line) for letter in range(65, 78)))
            for line in range(5, 200)
        )
        parts[SHEET] = parts[SHEET].replace(b"</sheetData>", cells + b"</sheetData>")

    return repacked(change, with_shared_texts(good_workbook()))


def million_shared() -> bytes:
    def change(parts: dict[str, bytes]) -> None:
        parts[SHARED] = parts[SHARED].replace(b"</sst>", b"<si/>" * 3_000_000 + b"</sst>")

    return repacked(change, with_shared_texts(good_workbook()))


def far_cells() -> bytes:
    cells = (
        b'<row r="500"><c r="Z500"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    return replaced(SHEET, b"</sheetData>", cells + b"</sheetData>")


def sparse_cells() -> bytes:
    """Two cells that span the largest rectangle that is allowed: 100,000 lines of 26 columns."""
    cells = b'<row r="100001"><c r="Z100001" t="n"><v>1</v></c></row>'
    return replaced(SHEET, b"</sheetData>", cells + b"</sheetData>")


def empty_styled_cells() -> bytes:
    rows = b"".join(
        b'<row r="%d"><c r="A%d" s="1"/></row>' % (line, line) for line in range(200_000, 260_000)
    )
    return replaced(SHEET, b"</sheetData>", rows + b"</sheetData>")


def deep_xml() -> bytes:
    return replaced(SHEET, b"<sheetData>", b"<x>" * 200_000 + b"<sheetData>")


def many_attributes() -> bytes:
    extra = b" ".join(b'a%d="1"' % n for n in range(200_000))
    return replaced(SHEET, b"<sheetData>", b"<sheetData %s>" % extra)


def pivot(parts: dict[str, bytes]) -> None:
    parts["xl/pivotCache/pivotCacheDefinition1.xml"] = b'<pivotCacheDefinition xmlns="%s"/>' % TRANSITIONAL
    parts["xl/pivotCache/pivotCacheRecords1.xml"] = b'<pivotCacheRecords xmlns="%s"/>' % TRANSITIONAL


def external_pivot(parts: dict[str, bytes]) -> None:
    pivot(parts)
    parts["xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels"] = (
        b'<Relationships><Relationship Id="r" Target="file:///x.xlsx" TargetMode="External"/></Relationships>'
    )


def strict(parts: dict[str, bytes]) -> None:
    for name in (WORKBOOK, SHEET, HEAD_SHEET, STYLES):
        parts[name] = parts[name].replace(TRANSITIONAL, STRICT)


def protect(workbook: Workbook) -> None:
    workbook[RESULTS].protection.sheet = True
    workbook[RESULTS].protection.password = "secret"
    workbook.security = WorkbookProtection(workbookPassword="secret", lockStructure=True)
    workbook[RESULTS]["B3"].protection = Protection(locked=True, hidden=True)


def comment(workbook: Workbook) -> None:
    workbook[RESULTS]["B3"].comment = Comment("=1+1 <script>", "=cmd")


def conditional(workbook: Workbook) -> None:
    red = PatternFill("solid", bgColor="FF0000")
    workbook[RESULTS].conditional_formatting.add(
        "A1:M9", CellIsRule(operator="lessThan", formula=["60"], fill=red)
    )
    workbook[RESULTS].conditional_formatting.add(
        "A1:M9", FormulaRule(formula=['WEBSERVICE("http://x")'], fill=red)
    )


def define_name(workbook: Workbook) -> None:
    workbook.defined_names["x"] = DefinedName("x", attr_text="'[evil.xlsx]Sheet1'!$A$1")
    workbook.defined_names["_xlnm.Auto_Open"] = DefinedName("_xlnm.Auto_Open", attr_text="Sheet1!$A$1")


def table(workbook: Workbook) -> None:
    workbook[RESULTS].add_table(Table(displayName="T", ref="A1:M4"))


def group_hidden(workbook: Workbook) -> None:
    workbook[RESULTS].row_dimensions.group(3, 3, hidden=True)


def chart_sheet(workbook: Workbook) -> None:
    workbook.create_chartsheet("图")


def hyperlink(workbook: Workbook) -> None:
    workbook[RESULTS]["B3"].hyperlink = "http://evil.example/"


def without_references(parts: dict[str, bytes]) -> None:
    for name in (HEAD_SHEET, SHEET):
        parts[name] = re.sub(rb'(<(?:c|row)) r="[A-Z]*[0-9]+"', rb"\1", parts[name])


def swapped_tabs(parts: dict[str, bytes]) -> None:
    """A second tab of a name that is there."""
    again = '<sheet name="成绩" sheetId="9" r:id="rId1"/></sheets>'.encode()
    parts[WORKBOOK] = parts[WORKBOOK].replace(b"</sheets>", again)


# What the file is, how it is made, and the code of the refusal of the whole file.
REFUSED = [
    ("an .xls", lambda: OLE + bytes(4096), "encrypted_or_xls"),
    (
        "a workbook with a password",
        lambda: OLE + "EncryptedPackage".encode("utf-16-le") + bytes(4096),
        "encrypted_or_xls",
    ),
    ("an .xls of Excel 4", lambda: bytes.fromhex("0904060000001000") + bytes(512), "not_a_workbook"),
    (
        "an .xlsb",
        lambda: other_zip(
            {
                TYPES: b'<Override ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>',
                "xl/workbook.bin": b"x",
            }
        ),
        "macro",
    ),
    (
        "an .ods",
        lambda: other_zip(
            {
                "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
                "content.xml": b"<office:document xmlns:office='x'/>",
            }
        ),
        "not_a_workbook",
    ),
    (
        "a .docx",
        lambda: other_zip(
            {
                TYPES: b'<Types><Override ContentType="%s"/></Types>'
                % MAIN.replace(b"spreadsheetml", b"wordprocessingml"),
                "word/document.xml": b"<w/>",
            }
        ),
        "not_a_workbook",
    ),
    ("an empty zip", lambda: b"PK\x05\x06" + bytes(18), "not_a_workbook"),
    ("HTML called a workbook", lambda: b"<html><table><tr><td>1</td></tr></table></html>", "not_a_workbook"),
    ("a workbook with a program before it", lambda: b"MZ" + bytes(100) + good_workbook(), "not_a_workbook"),
    ("a PDF", lambda: b"%PDF-1.7\n" + bytes(100), "not_a_workbook"),
    ("macros", lambda: added("xl/vbaProject.bin", OLE), "macro"),
    ("a signature of macros", lambda: added("xl/vbaProjectSignature.bin", b"x"), "macro"),
    ("a sheet of Excel 4 macros", lambda: added("xl/macrosheets/sheet1.xml", b"<a/>"), "macro"),
    (
        "a link to another workbook",
        lambda: added("xl/externalLinks/externalLink1.xml", b"<a/>"),
        "external_link",
    ),
    ("a hyperlink", changed(hyperlink), "external_link"),
    ("a query of the web", lambda: added("xl/queryTables/queryTable1.xml", b"<a/>"), "external_link"),
    ("a pivot cache from outside", lambda: repacked(external_pivot), "external_link"),
    ("an OLE package", lambda: added("xl/embeddings/oleObject1.bin", OLE), "embedded_object"),
    ("a form control", lambda: added("xl/ctrlProps/ctrlProp1.xml", b"<a/>"), "embedded_object"),
    ("zips in zips", lambda: zip_of_zips(3), "embedded_object"),
    ("ten thousand entries", many_entries, "too_much_inside"),
    (
        "a sheet that says it is small",
        lambda: with_lying_sizes(
            repacked(lambda parts: parts.update({SHEET: bytes(50_000_000)})), SHEET, 999
        ),
        "too_much_inside",
    ),
    (
        "an external entity in a sheet",
        xml_of(SHEET, b"<worksheet", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet'),
        "document_type",
    ),
    (
        "a parameter entity",
        xml_of(WORKBOOK, b"<workbook", b'<!DOCTYPE x [<!ENTITY %% p SYSTEM "http://x/y.dtd">%%p;]><workbook'),
        "document_type",
    ),
    (
        "a billion laughs in the styles",
        xml_of(STYLES, b"<styleSheet", LAUGHS + b"<styleSheet"),
        "document_type",
    ),
    (
        "a billion laughs in the relations",
        xml_of(RELATIONS, b"<Relationships", LAUGHS + b"<Relationships"),
        "document_type",
    ),
    (
        "a billion laughs in a drawing",
        lambda: added("xl/drawings/vmlDrawing1.vml", LAUGHS + b"<xml/>"),
        "document_type",
    ),
    (
        "a billion laughs in a comment",
        lambda: added("xl/comments1.xml", LAUGHS + b"<comments/>"),
        "document_type",
    ),
    (
        "a billion laughs in the properties",
        lambda: added("docProps/custom.xml", LAUGHS + b"<x/>"),
        "document_type",
    ),
    (
        "a sheet in UTF-16",
        lambda: repacked(lambda parts: parts.update({SHEET: parts[SHEET].decode().encode("utf-16")})),
        "not_utf8",
    ),
    ("a shared text that every cell has", shared_bomb, "too_many_cells"),
    ("three million shared texts", million_shared, "too_much_inside"),
    ("a far cell", far_cells, "too_many_cells"),
    ("column ZZZZ", xml_of(SHEET, b'r="B3"', b'r="ZZZZ3"'), "broken_workbook"),
    ("column 2,147,483,648", xml_of(SHEET, b'r="B3"', b'r="FXSHRXX3"'), "broken_workbook"),
    ("row 0", xml_of(SHEET, b'r="B3"', b'r="B0"'), "broken_workbook"),
    (
        "a row that comes twice",
        xml_of(SHEET, b"</sheetData>", b'<row r="3"/></sheetData>'),
        "broken_workbook",
    ),
    ("columns back to front", xml_of(SHEET, b'<c r="B3"', b'<c r="D3"/><c r="B3"'), "broken_workbook"),
    ("a sheet of the same name", lambda: repacked(swapped_tabs), "unknown_sheet"),
    ("a chart sheet", changed(chart_sheet), "unknown_sheet"),
    (
        "a hidden sheet",
        changed(lambda workbook: setattr(workbook[RESULTS], "sheet_state", "hidden")),
        "hidden_sheet",
    ),
    (
        "another hidden sheet",
        changed(lambda workbook: setattr(workbook.create_sheet("旧成绩"), "sheet_state", "veryHidden")),
        "unknown_sheet",
    ),
    ("dates of 1904", xml_of(WORKBOOK, b"<workbookPr", b'<workbookPr date1904="1"'), "dates_of_1904"),
    ("XML without end", deep_xml, "broken_workbook"),
]

# What the file is, how it is made, and the row and code that must be told.
TOLD = [
    ("a formula", with_cell("J3", "=SUM(I3)"), (3, "formula")),
    ("a formula that runs a program", with_cell("B3", '=cmd|" /C calc"!A0'), (3, "formula")),
    ("an array formula", with_cell("J3", ArrayFormula("J3:J4", "=I3:I4")), (3, "formula")),
    ("a data table", with_cell("J3", DataTableFormula("J3:J4", r1="A1", dt2D=True)), (3, "formula")),
    ("an error", with_cell("I3", "#DIV/0!", data_type="e"), (3, "error_value")),
    ("an ID as a number", with_cell("D3", 210102197001010024), (3, "numeric_cell")),
    ("an ID as a short number", with_cell("D3", 12345678), (3, "numeric_cell")),
    ("merged names", changed(lambda workbook: workbook[RESULTS].merge_cells("B2:B3")), (2, "merged_cells")),
    (
        "a hidden row",
        changed(lambda workbook: setattr(workbook[RESULTS].row_dimensions[3], "hidden", True)),
        (3, "hidden_row"),
    ),
    ("a folded group", changed(group_hidden), (3, "hidden_row")),
    (
        "a row of no height",
        xml_of(SHEET, b'<row r="3"', b'<row r="3" ht="0" customHeight="1"'),
        (3, "hidden_row"),
    ),
    (
        "a hidden column",
        changed(lambda workbook: setattr(workbook[RESULTS].column_dimensions["J"], "hidden", True)),
        (1, "hidden_column"),
    ),
    (
        "a column of no width",
        lambda: repacked(
            lambda parts: parts.update(
                {
                    SHEET: re.sub(
                        rb'<col [^>]*min="10"[^>]*>',
                        b'<col min="10" max="10" width="0.0" customWidth="1"/>',
                        parts[SHEET],
                    )
                }
            )
        ),
        (1, "hidden_column"),
    ),
    (
        "a name that became a date",
        with_cell("B3", load_workbook(io.BytesIO(good_workbook())).properties.created),
        (3, "became_a_date"),
    ),
    ("a truth value", with_cell("B3", True), (3, "wrong_type")),
]

# What changes nothing of what is read.
HARMLESS = [
    ("a comment and its drawing", changed(comment)),
    ("conditional formats", changed(conditional)),
    ("names", changed(define_name)),
    ("a table", changed(table)),
    ("protection", changed(protect)),
    (
        "a filter that hides nothing",
        changed(lambda workbook: setattr(workbook[RESULTS].auto_filter, "ref", "A1:M4")),
    ),
    ("a pivot cache", lambda: repacked(pivot)),
    ("a picture", lambda: added("xl/media/image1.png", b"\x89PNG")),
    ("settings of a printer", lambda: added("xl/printerSettings/printerSettings1.bin", bytes(900))),
    ("texts that are shared", lambda: with_shared_texts(good_workbook())),
    ("styled cells without a value, far down", empty_styled_cells),
    ("a sheet with a hundred thousand attributes", many_attributes),
    ("the strict namespace", lambda: repacked(strict)),
    (
        "no dimension",
        lambda: repacked(lambda parts: parts.update({SHEET: parts[SHEET].replace(b"<dimension", b"<other")})),
    ),
    ("a dimension that lies", xml_of(SHEET, b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')),
    ("cells without references", lambda: repacked(without_references)),
    ("stored without compression", lambda: repacked(lambda _parts: None, method=zipfile.ZIP_STORED)),
]


def read(content: bytes):
    return read_content(content, WORKBOOK_MEDIA_TYPE)


def names_of(cases) -> list[str]:
    return [case[0] for case in cases]


@pytest.mark.parametrize(("make", "code"), [case[1:] for case in REFUSED], ids=names_of(REFUSED))
def test_a_hostile_workbook_is_refused_as_a_whole_with_the_remedy(make, code):
    content = make()
    before = time.process_time()

    with pytest.raises(ContentUnreadable) as refusal:
        read(content)

    assert time.process_time() - before < SECONDS
    (fault,) = refusal.value.faults
    assert fault.code == code
    assert fault.message
    assert fault.remedy


@pytest.mark.parametrize(("make", "expected"), [case[1:] for case in TOLD], ids=names_of(TOLD))
def test_a_wrong_cell_is_told_with_its_row_and_the_remedy(make, expected):
    faults = read(make()).faults

    assert expected in [(fault.row, fault.code) for fault in faults]
    assert all(fault.message and fault.remedy for fault in faults)


@pytest.mark.parametrize("make", [case[1] for case in HARMLESS], ids=names_of(HARMLESS))
def test_what_means_nothing_changes_nothing(make):
    content = make()
    before = time.process_time()

    assert read(content) == read(good_workbook())
    assert time.process_time() - before < 3 * SECONDS


COSTLY = {
    "far_cells": far_cells,
    "shared_bomb": shared_bomb,
    "sparse_cells": sparse_cells,
    "million_shared": million_shared,
}


@pytest.mark.parametrize("name", COSTLY)
def test_memory_is_bounded(name, tmp_path):
    """In a process of its own: what the reader takes beyond what the program itself needs."""
    path = tmp_path / "hostile.xlsx"
    path.write_bytes(COSTLY[name]())
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from contextlib import suppress\n"
        "from registry.assessment.errors import ContentUnreadable\n"
        "from registry.assessment.reading import WORKBOOK_MEDIA_TYPE, read_content\n"
        "content = open(sys.argv[1], 'rb').read()\n"
        "def peak():\n"
        "    lines = Path('/proc/self/status').read_text().splitlines()\n"
        "    return next(int(line.split()[1]) for line in lines if line.startswith('VmHWM'))\n"
        "before = peak()\n"
        "with suppress(ContentUnreadable):\n"
        "    read_content(content, WORKBOOK_MEDIA_TYPE)\n"
        "print((peak() - before) // 1024)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(path)], check=True, capture_output=True, text=True
    )

    assert int(told.stdout) < MEBIBYTES
