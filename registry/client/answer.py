"""An answer of the register: what it says, whether it asks to wait, and whether it may be taken."""

import json
from dataclasses import dataclass
from typing import Any, Final

from registry.client.errors import AnswerUnusable, InDoubt, Refused

JSON, PROBLEM = "application/json", "application/problem+json"
USUAL_WAIT_SECONDS: Final = 5
IN_DOUBT: Final = "commit_unknown"
IN_PROGRESS: Final = "idempotency_in_progress"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; names of headers in lower case."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def media_type(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object that it holds, or raise ``AnswerUnusable``."""
        try:
            found = json.loads(self.content) if self.media_type in (JSON, PROBLEM) else None
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise AnswerUnusable(f"状态 {self.status}，类型 {self.media_type or '未写明'}，不是 JSON 对象")
        return found

    @property
    def problem(self) -> dict[str, Any]:
        """The problem document that it holds; ``{}`` if it holds none that can be read."""
        try:
            return self.document if self.media_type == PROBLEM else {}
        except AnswerUnusable:
            return {}

    @property
    def wait_seconds(self) -> int:
        """For how long it asks to wait."""
        text = self.headers.get("retry-after", "").strip()
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else USUAL_WAIT_SECONDS


def leaves_in_doubt(answer: Answer) -> bool:
    """Say whether nobody knows after this answer if what was asked is done, or will be."""
    return answer.status == 500 or _code(answer) in (IN_DOUBT, IN_PROGRESS)


def asked_to_wait(answer: Answer, *, repeatable: bool) -> int | None:
    """Return for how long the register asks to wait before the same is sent again; ``None`` if it does not."""
    if answer.status == 429 or _code(answer) == IN_PROGRESS:
        return answer.wait_seconds
    # A proxy's own 503 is no problem document; it did not reach the register.
    if answer.status != 503 or (_code(answer) == IN_DOUBT and not repeatable):
        return None
    return answer.wait_seconds


def _code(answer: Answer) -> str:
    return str(answer.problem.get("code", ""))


def taken(answer: Answer) -> Answer:
    """Return the answer if what was asked was done; else raise ``Refused``, ``InDoubt`` or ``AnswerUnusable``."""
    if answer.status in (200, 201, 202, 204):
        return answer
    if answer.status < 400:
        raise AnswerUnusable(f"状态 {answer.status}，要转到别处，不予跟随")
    if leaves_in_doubt(answer):
        raise InDoubt(answer.status, answer.problem)
    if answer.media_type != PROBLEM:
        raise AnswerUnusable(f"状态 {answer.status}，不是登记系统的错误说明")
    raise Refused(answer.status, answer.document)
