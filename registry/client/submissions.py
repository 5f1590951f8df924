"""What the body handed in: where it stands, its rows, the decisions on it, and taking it back."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from registry.client.door import Document, Door, members

SUBMISSIONS: Final = "/v1/submissions"


class Submissions:
    """The submissions of the body."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def all(self, *, status: str | None = None) -> Iterator[Document]:
        """List them, the newest first."""
        return self._door.each(SUBMISSIONS, status=status)

    def state(self, submission_id: UUID) -> Document:
        """Tell where a submission stands: statistics, deadlines, progress."""
        return self._door.get(_at(submission_id)).document

    def rows(self, submission_id: UUID) -> Iterator[Document]:
        """List its rows as they were taken."""
        return self._door.each(f"{_at(submission_id)}/rows")

    def decisions(self, submission_id: UUID) -> list[Document]:
        """List what the review decided, with every returned row and its reason."""
        return members(self._door.get(f"{_at(submission_id)}/decisions").document, "items")

    def withdraw(self, submission_id: UUID, reason: str) -> Document:
        """Take back a submission that nobody has decided on; the same again changes nothing."""
        return self._door.say("POST", f"{_at(submission_id)}/withdrawal", {"reason": reason})


def _at(submission_id: UUID) -> str:
    return f"{SUBMISSIONS}/{submission_id}"
