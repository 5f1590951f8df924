"""Which sheet of a workbook is which part of its package, and what its tabs are named (ECMA-376-1, 18.2)."""

import zipfile

from registry.assessment.errors import ContentUnreadable, WorkbookBroken
from registry.assessment.shared_text import shared_text_lengths
from registry.assessment.sheet_structure import SheetStructure, sheet_structure
from registry.assessment.workbook_form import EXAM_SHEET, NOTES_SHEET, RESULTS_SHEET, SUMMARY_SHEET
from registry.assessment.xml_walk import Walk, walk_xml

_WORKBOOK = "xl/workbook.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_TEXTS = "xl/sharedstrings.xml"


def sheet_structures(package: zipfile.ZipFile) -> dict[str, SheetStructure]:
    """Return the structure of the two sheets that count, by name.

    Refuses any other sheet but the notes and our summary of faults: a second 成绩 beside the first would leave
    open which one was meant.
    """
    names = {name.lower(): name for name in package.namelist()}
    targets = _targets(_attributes(package, names.get(_RELATIONS), "Relationship"))
    texts = names.get(_TEXTS)
    shared_lengths = shared_text_lengths(package.read(texts)) if texts else []
    structures: dict[str, SheetStructure] = {}
    for sheet in _attributes(package, names.get(_WORKBOOK), "sheet"):
        name = sheet.get("name", "")
        if name in (NOTES_SHEET, SUMMARY_SHEET):
            continue
        if name not in (EXAM_SHEET, RESULTS_SHEET) or name in structures:
            message = f"工作簿中只应有“{EXAM_SHEET}”“{RESULTS_SHEET}”两张表"
            raise ContentUnreadable("unknown_sheet", message, "请删去或改名其他工作表", value=name)
        if sheet.get("state", "visible") != "visible":
            raise ContentUnreadable("hidden_sheet", f"工作表“{name}”是隐藏的", "请取消隐藏后核对再提交")
        part = names.get(targets.get(sheet.get("id", ""), ""))
        if part is None:
            raise WorkbookBroken()
        structures[name] = sheet_structure(package.read(part), shared_lengths)
    for name in (EXAM_SHEET, RESULTS_SHEET):
        if name not in structures:
            raise ContentUnreadable("missing_sheet", f"缺少工作表“{name}”", "请使用本系统发放的模板填写")
    return structures


def require_1900_dates(package: zipfile.ZipFile) -> None:
    """Refuse the date system of 1904, in which every date is read four years off."""
    names = {name.lower(): name for name in package.namelist()}
    for properties in _attributes(package, names.get(_WORKBOOK), "workbookPr"):
        if properties.get("date1904", "0") not in ("0", "false"):
            raise ContentUnreadable(
                "dates_of_1904", "工作簿使用 1904 日期系统", "请在 Excel 选项中取消“使用 1904 日期系统”"
            )


def _targets(relations: list[dict[str, str]]) -> dict[str, str]:
    targets: dict[str, str] = {}
    for relation in relations:
        identity, target = relation.get("Id", ""), relation.get("Target", "").lower()
        if identity in targets:
            raise WorkbookBroken()
        targets[identity] = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return targets


def _attributes(package: zipfile.ZipFile, part: str | None, element: str) -> list[dict[str, str]]:
    """Return the attributes of each such element of the part, their names without namespace."""
    if part is None:
        raise WorkbookBroken()
    collector = _Collector(element)
    walk_xml(package.read(part), collector)
    return collector.found


class _Collector(Walk):
    def __init__(self, element: str) -> None:
        self.element = element
        self.found: list[dict[str, str]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == self.element:
            named = {name.rpartition(" ")[2]: value for name, value in attributes.items()}
            if len(named) < len(attributes):  # two names that differ in their namespace only
                raise WorkbookBroken()
            self.found.append(named)
