"""The settled content, held against what was handed in, before anybody signs it.

The register writes it; the body answers for it. So this side counts anew: which draft it is of, its digest, its rows,
the statistics that follow from the scores. Of a file in JSON, the head and every column of every row are compared,
each in the form in which it is settled. What a workbook or a CSV says is compared by people, on the preview.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from registry.client.errors import AnswerUnusable, SettledDiffers
from signing.evidence import SubmissionClaim
from signing.id_check import canonical

FORMAT: Final = "certreg-submission/1"
MEDIA_TYPE: Final = "application/json"
ABSENT: Final = "absent"
PASS_MARK: Final = Decimal(60)
HEAD: Final = ("issuer", "site", "province", "exam_started_on", "exam_ended_on", "late_reason")
ROW: Final = (
    "name", "id_type", "id_number", "occupation", "edition", "direction", "level", "theory", "practice", "commitment",
    "training_certificate", "training_hours", "issued_on", "corrects", "reason",
)  # fmt: skip
MOST_TOLD: Final = 10
_SCORE: Final = re.compile(r"[0-9]{1,3}(?:\.[0-9]+)?")
_OUTER_BLANKS: Final = " \u00a0\u3000"


@dataclass(frozen=True, slots=True)
class Settled:
    """The bytes that will be signed, and what they say; ``statistics`` are counted here, from the rows."""

    content: bytes
    document: Mapping[str, Any]
    statistics: Mapping[str, int]

    @property
    def draft_id(self) -> UUID:
        """The draft that it was settled from."""
        return UUID(self.document["draft"])

    @property
    def rows(self) -> Sequence[Mapping[str, Any]]:
        """The rows as they will be stored."""
        found: Sequence[Mapping[str, Any]] = self.document["rows"]
        return found

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes, in hex."""
        return sha256(self.content).hexdigest()

    @property
    def photos(self) -> int:
        """How many rows have a photo."""
        return sum(row.get("photo") is not None for row in self.rows)

    @property
    def claim(self) -> bytes:
        """What the submission key signs (formats.md §9): body, media type and digest, made here."""
        digest = bytes.fromhex(self.sha256)
        return SubmissionClaim(
            issuer=self.document["issuer"], media_type=MEDIA_TYPE, content_digest=digest
        ).to_bytes()

    def require(
        self, draft_id: UUID, *, sha256: str | None, rows: int, statistics: Mapping[str, int] | None
    ) -> None:
        """Return if it is what the draft says, else raise ``SettledDiffers``."""
        held = {
            "所属草稿": (self.draft_id, draft_id),
            "SHA-256": (self.sha256, sha256),
            "行数": (len(self.rows), rows),
            "草稿的统计": (statistics, self.statistics),
        }
        wrong = [f"{name}为 {found}，应为 {right}" for name, (found, right) in held.items() if found != right]
        if wrong:
            raise SettledDiffers(wrong)

    def require_handed_in(self, document: Mapping[str, Any]) -> None:
        """Return if it says what a file in JSON says, else raise ``SettledDiffers``. Names no person.

        A photo is compared where the file names one: others come from archives.
        """
        wrong = [f"{name} 不同" for name in HEAD if _differs(name, self.document, document)]
        wrong += _differing_rows(self.rows, document["rows"])
        if wrong:
            more = [f"……共 {len(wrong)} 处"] if len(wrong) > MOST_TOLD else []
            raise SettledDiffers(wrong[:MOST_TOLD] + more)


def read_settled(content: bytes) -> Settled:
    """Read settled content; raise ``AnswerUnusable``, or ``SettledDiffers`` if its statistics are not its rows'."""
    try:
        document = json.loads(content)
        if document["format"] != FORMAT or not isinstance(document["issuer"], str):
            raise ValueError
        UUID(document["draft"])
        rows, claimed = document["rows"], document["statistics"]
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ValueError
        counted = counts(rows)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise AnswerUnusable("不是待签内容") from None
    if claimed != counted:
        raise SettledDiffers([f"内容中的统计为 {claimed}，应为 {counted}"])
    return Settled(content, document, counted)


def read_handed_in(content: bytes) -> Mapping[str, Any] | None:
    """Return what a file of results in JSON says, to be held against the settled content; ``None`` if it is none."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) and isinstance(document.get("rows"), list) else None


def counts(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Count as 考核有关情况统计表 does, from the scores alone. Raises ``ValueError`` for what is no score."""
    papers = [(row["theory"], row["practice"]) for row in rows]
    passed = [tuple(score != ABSENT and _points(score) >= PASS_MARK for score in pair) for pair in papers]
    both = sum(all(pair) for pair in passed)
    return {
        "entered": len(papers),
        "absent_theory": sum(theory == ABSENT for theory, _ in papers),
        "absent_practice": sum(practice == ABSENT for _, practice in papers),
        "absent": sum(ABSENT in pair for pair in papers),
        "passed_theory": sum(theory for theory, _ in passed),
        "passed_practice": sum(practice for _, practice in passed),
        "passed": both,
        "failed": len(papers) - both,
    }


def _points(score: str) -> Decimal:
    if not _SCORE.fullmatch(score):
        raise ValueError
    return Decimal(score)


def _differing_rows(settled: Sequence[Mapping[str, Any]], handed_in: Sequence[Any]) -> list[str]:
    """Return what differs, row by row."""
    here, there = _by_number(settled), _by_number(handed_in)
    if len(there) != len(handed_in) or len(here) != len(settled):
        return ["有的行没有序号，或序号重复"]
    wrong = [f"缺少序号 {number}" for number in there if number not in here]
    wrong += [f"多出序号 {number}" for number in here if number not in there]
    for number in (number for number in here if number in there):
        columns = ROW if there[number].get("photo") is None else (*ROW, "photo")
        differing = [name for name in columns if _differs(name, here[number], there[number])]
        wrong += [f"序号 {number} 的 {name} 不同" for name in differing]
    return wrong


def _by_number(rows: Sequence[Any]) -> dict[int, Mapping[str, Any]]:
    return {row["row"]: row for row in rows if isinstance(row, dict) and isinstance(row.get("row"), int)}


def _differs(name: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return _settled_form(name, one.get(name)) != _settled_form(name, other.get(name))


def _settled_form(name: str, value: Any) -> Any:
    """Return a value as it is settled, as far as it has such a form; what is none stays what it is, and so differs."""
    if not isinstance(value, str):
        return value
    return _FORMS.get(name, str)(value) or None


def _settled_name(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip(_OUTER_BLANKS))


def _settled_score(text: str) -> str:
    return f"{_points(text).normalize():f}" if _SCORE.fullmatch(text) else text


_FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "name": _settled_name,
    "id_number": canonical,
    "theory": _settled_score,
    "practice": _settled_score,
}
