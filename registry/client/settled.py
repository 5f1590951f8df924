"""The settled content, held against what was handed in, before anybody signs it.

The register writes it; the body answers for it. So this side counts anew: which draft it is of, its digest, its rows,
the statistics that follow from the scores. Of a file in JSON, every row is compared. What a workbook says in its cells
is compared by people, on the preview.
"""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from registry.client.errors import AnswerUnusable, SettledDiffers
from signing.evidence import SubmissionClaim

FORMAT: Final = "certreg-submission/1"
MEDIA_TYPE: Final = "application/json"
ABSENT: Final = "absent"
PASS_MARK: Final = Decimal(60)
SCORES: Final = ("theory", "practice")
COMPARED: Final = (*SCORES, "id_number", "corrects")
MOST_TOLD: Final = 10


@dataclass(frozen=True, slots=True)
class Settled:
    """The bytes that will be signed, and what they say."""

    content: bytes
    document: Mapping[str, Any]

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
        counted = counts(self.rows)
        held = {
            "所属草稿": (self.draft_id, draft_id),
            "SHA-256": (self.sha256, sha256),
            "行数": (len(self.rows), rows),
            "内容中的统计": (self.document.get("statistics"), counted),
            "草稿的统计": (statistics, counted),
        }
        wrong = [f"{name}为 {found}，应为 {right}" for name, (found, right) in held.items() if found != right]
        if wrong:
            raise SettledDiffers(wrong)

    def require_rows(self, handed_in: Sequence[Any]) -> None:
        """Return if these rows of a JSON file are its rows, else raise ``SettledDiffers``. Names no person."""
        here = {row.get("row"): row for row in self.rows}
        there = {row.get("row"): row for row in handed_in if isinstance(row, dict)}
        wrong = [f"缺少序号 {number}" for number in there if number not in here]
        wrong += [f"多出序号 {number}" for number in here if number not in there]
        for number in here.keys() & there.keys():
            differing = [
                name
                for name in COMPARED
                if _plain(name, here[number].get(name)) != _plain(name, there[number].get(name))
            ]
            wrong += [f"序号 {number} 的 {name} 不同" for name in differing]
        if wrong:
            raise SettledDiffers(wrong[:MOST_TOLD])


def read_settled(content: bytes) -> Settled:
    """Read settled content, or raise ``AnswerUnusable``."""
    try:
        document = json.loads(content)
        if document["format"] != FORMAT or not isinstance(document["issuer"], str):
            raise ValueError
        UUID(document["draft"])
        rows = document["rows"]
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ValueError
        counts(rows)
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation):
        raise AnswerUnusable("不是待签内容") from None
    return Settled(content, document)


def counts(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Count as 考核有关情况统计表 does, from the scores alone."""
    papers = [(row["theory"], row["practice"]) for row in rows]
    passed = [tuple(score != ABSENT and Decimal(score) >= PASS_MARK for score in pair) for pair in papers]
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


def _plain(name: str, value: Any) -> Any:
    """Return a value in one writing: scores without needless zeros, anything else without spaces and in capitals."""
    if not isinstance(value, str):
        return value
    text = unicodedata.normalize("NFKC", value).strip().upper()
    if name in SCORES and text != ABSENT.upper():
        return Decimal(text)
    return text or None
