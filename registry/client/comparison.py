"""A file of results in JSON, held against the settled content: the head, and every column of every row.

Both are compared in the form in which the register settles a value: a name without blanks around it and in NFC, an ID
number canonical, a score as short as it goes, a reason without blanks around it, nothing for an empty text. What
differs is named by row and column, and no person is.
"""

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from registry.client.scores import settled_score
from signing.id_check import canonical

HEAD: Final = ("issuer", "site", "province", "exam_started_on", "exam_ended_on", "late_reason")
ROW: Final = (
    "name", "id_type", "id_number", "occupation", "edition", "direction", "level", "theory", "practice", "commitment",
    "training_certificate", "training_hours", "issued_on", "corrects", "reason",
)  # fmt: skip
_OUTER_BLANKS: Final = " \u00a0\u3000"


def read_handed_in(content: bytes) -> Mapping[str, Any] | None:
    """Return what a file of results in JSON says, to be held against the settled content; ``None`` if it is none."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) and isinstance(document.get("rows"), list) else None


def differences(settled: Mapping[str, Any], handed_in: Mapping[str, Any]) -> list[str]:
    """Return what a settled content says otherwise than the file.

    A photo is compared where the file names one: others come from archives. So is what is replaced: it is asked for
    beside the file.
    """
    head = (*HEAD, "replaces") if handed_in.get("replaces") else HEAD
    wrong = [f"{name} 不同" for name in head if _differs(name, settled, handed_in)]
    return wrong + _differing_rows(settled["rows"], handed_in["rows"])


def _differing_rows(settled: Sequence[Mapping[str, Any]], handed_in: Sequence[Any]) -> list[str]:
    """Return what differs, row by row."""
    here, there = _by_number(settled), _by_number(handed_in)
    if len(there) != len(handed_in) or len(here) != len(settled):
        return ["有的行没有序号，或序号重复"]
    wrong = [f"缺少序号 {number}" for number in there if number not in here]
    wrong += [f"多出序号 {number}" for number in here if number not in there]
    for number in (number for number in here if number in there):
        columns = (*ROW, "photo") if there[number].get("photo") else ROW
        differing = [name for name in columns if _differs(name, here[number], there[number])]
        wrong += [f"序号 {number} 的 {name} 不同" for name in differing]
    return wrong


def _by_number(rows: Sequence[Any]) -> dict[int, Mapping[str, Any]]:
    return {row["row"]: row for row in rows if isinstance(row, dict) and isinstance(row.get("row"), int)}


def _differs(name: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return _settled_form(name, one.get(name)) != _settled_form(name, other.get(name))


def _settled_form(name: str, value: Any) -> object:
    """Return a value as it is settled, as far as it has such a form; what is none stays what it is, and so differs."""
    if not isinstance(value, str):
        return value
    return FORMS.get(name, str)(value) or None


def _settled_name(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip(_OUTER_BLANKS))


FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "name": _settled_name,
    "id_number": canonical,
    "theory": settled_score,
    "practice": settled_score,
    "reason": str.strip,
    "late_reason": str.strip,
}
