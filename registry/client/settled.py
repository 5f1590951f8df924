"""The settled content, held against what was handed in, before anybody signs it.

The register writes it; the body answers for it. So this side counts anew: which draft it is of, its digest, its rows,
the statistics that follow from the scores. A file in JSON is compared whole (``comparison``); what a workbook or a CSV
says is compared by people, on the preview.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from registry.client.comparison import differences
from registry.client.errors import AnswerUnusable, SettledDiffers
from registry.client.scores import counts
from signing.evidence import SubmissionClaim

FORMAT: Final = "certreg-submission/1"
MEDIA_TYPE: Final = "application/json"
MOST_TOLD: Final = 10


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

    @property
    def replaces(self) -> str | None:
        """The submission that is withdrawn for it."""
        found: str | None = self.document.get("replaces")
        return found

    def require(
        self,
        draft_id: UUID,
        *,
        sha256: str | None,
        rows: int,
        statistics: Mapping[str, int] | None,
        replaces: str | None,
    ) -> None:
        """Return if it is what the draft says, else raise ``SettledDiffers``."""
        held = {
            "所属草稿": (self.draft_id, draft_id),
            "SHA-256": (self.sha256, sha256),
            "行数": (len(self.rows), rows),
            "要取代的报送": (self.replaces, replaces),
            "草稿的统计": (statistics, self.statistics),
        }
        wrong = [f"{name}为 {found}，应为 {right}" for name, (found, right) in held.items() if found != right]
        if wrong:
            raise SettledDiffers(wrong)

    def require_replaces(self, asked: UUID | None) -> None:
        """Return if it withdraws what was asked for, ``None`` for nothing, else raise ``SettledDiffers``."""
        right = None if asked is None else str(asked)
        if self.replaces != right:
            raise SettledDiffers([f"要取代的报送为 {self.replaces or '无'}，提交时为 {right or '无'}"])

    def require_handed_in(self, document: Mapping[str, Any]) -> None:
        """Return if it says what a file in JSON says, else raise ``SettledDiffers``. Names no person."""
        wrong = differences(self.document, document)
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
