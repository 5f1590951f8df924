"""What can be asked, and how a request ends: one table of lawful ends."""

from enum import StrEnum


class RequestKind(StrEnum):
    """What the body asks for.

    *Correct* is for errors that no correcting row can mend: in the number itself (site, level, year), where the
    certificate is revoked and issued anew. An error in what stands beside the number is handed in as a row that names
    the certificate, without any request.
    """

    REVOKE = "revoke"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    CORRECT = "correct"


class RequestStatus(StrEnum):
    """Where a request stands; all but *open* are final."""

    OPEN = "open"
    GRANTED = "granted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


OUT_OF_FORCE = frozenset({RequestKind.REVOKE, RequestKind.SUSPEND})
"""What is granted even by a register that may not go on: nobody is kept from taking a certificate out of force."""

ASK = "ask_request"
"""The act of asking, as the journal has it."""

GRANT = "grant_request"
"""The act of granting, as the journal has it."""

ENDED_BY: dict[str, RequestStatus] = {
    GRANT: RequestStatus.GRANTED,
    "decline_request": RequestStatus.DECLINED,
    "withdraw_request": RequestStatus.WITHDRAWN,
}
"""What each act leaves an open request as."""
