"""Refusals of the review room.

RegistryError
├── NotAwaited              the submission does not wait for this step
├── DecisionNotGenuine      the signature does not hold, or the bytes are not a decision
├── DecisionOutOfDate       the decision is about other rows than the register holds, or of another time
├── NotConfirmed            what the register holds is not what three people signed
├── NotEvidence             a row, as it is stored, can not be confirmed at all
└── NoSuchRow               a row to be returned is not in the submission
"""

from uuid import UUID

from registry.errors import RegistryError


class NotAwaited(RegistryError):
    """The submission waits for another step, or for none."""

    def __init__(self, submission_id: UUID, step: str, status: str) -> None:
        super().__init__(f"submission {submission_id} does not wait for {step}; it is {status}")
        self.submission_id = submission_id
        self.step = step
        self.status = status


class DecisionNotGenuine(RegistryError):
    """The signature does not hold, or the bytes are not a decision."""

    def __init__(self, why: str) -> None:
        super().__init__(f"this is not a signed decision: {why}")
        self.why = why


class DecisionOutOfDate(RegistryError):
    """The decision names other rows than the register holds, or was signed at another time."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"the decision can not be recorded: {why}; look at the submission again and decide anew"
        )
        self.why = why


class NotEvidence(RegistryError):
    """A row, as it is stored, says what no result can say: it was changed in the database."""

    def __init__(self, row: int | None, why: str) -> None:
        """``row`` is ``None`` where not even that can be read."""
        name = "a row" if row is None else f"row {row}"
        super().__init__(f"{name}, as it is stored, can not be confirmed: {why}")
        self.row = row
        self.why = why


class NoSuchRow(RegistryError):
    """A row to be returned is not among the rows under review."""

    def __init__(self, rows: list[int]) -> None:
        super().__init__(f"not among the rows under review: {', '.join(map(str, rows))}")
        self.rows = rows


class NotConfirmed(RegistryError):
    """What the register holds is not what three people signed; nothing of the submission may be numbered."""

    def __init__(self, submission_id: UUID, why: str) -> None:
        super().__init__(f"submission {submission_id} is not confirmed as it stands: {why}")
        self.submission_id = submission_id
        self.why = why
