"""What the body asks of its certificates: to revoke, suspend, reinstate or correct one. A registrar decides."""

from collections.abc import Iterator
from typing import Final
from uuid import UUID

from registry.client.certificates import CERTIFICATES, NUMBER
from registry.client.door import Document, Door, new_operation
from registry.client.errors import WrongUse

REQUESTS: Final = "/v1/requests"
KINDS: Final = ("revoke", "suspend", "reinstate", "correct")


class Requests:
    """The requests of the body."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def ask(self, number: str, kind: str, reason: str) -> Document:
        """Ask for something; ``reason`` names no person, because it is kept in plain.

        A second one while the first is open is refused (``asked_already``).
        """
        if kind not in KINDS or not NUMBER.fullmatch(number):
            raise WrongUse(f"申请种类为 {'、'.join(KINDS)} 之一，证书编号只有数字和字母")
        said = {"kind": kind, "reason": reason}
        headers = {"Idempotency-Key": new_operation()}
        return self._door.say("POST", f"{CERTIFICATES}/{number}/requests", said, headers=headers)

    def all(self, *, status: str | None = None) -> Iterator[Document]:
        """List the requests, the newest first."""
        return self._door.each(REQUESTS, status=status)

    def state(self, request_id: UUID) -> Document:
        """Tell a request and its answer."""
        return self._door.get(f"{REQUESTS}/{request_id}").document

    def withdraw(self, request_id: UUID) -> Document:
        """Take back a request that is not decided yet; taken back again, it is the same."""
        return self._door.say("POST", f"{REQUESTS}/{request_id}/withdrawal", {})
