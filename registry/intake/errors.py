"""Refusals of the intake room.

RegistryError
├── SubmissionNotSigned     the body's signature is missing, malformed or does not hold over this file
├── SignedByAnotherBody     the signature holds, and is not of the body whose program hands in
└── RowNotReadable          a stored row holds what intake never stored: somebody changed it in the database
"""

from uuid import UUID

from registry.errors import RegistryError


class SubmissionNotSigned(RegistryError):
    """The body's signature is missing, malformed, or does not hold over this file."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the submission is not signed by the body's key: {why}")
        self.why = why


class SignedByAnotherBody(RegistryError):
    """A body's program handed in what another body signed."""

    def __init__(self, signed_by: bytes, issuer: str) -> None:
        super().__init__(
            f"the submission is signed by key {signed_by.hex()}, which is not of {issuer}, the body that signed the "
            "request; both keys must belong to one body"
        )
        self.issuer = issuer


class RowNotReadable(RegistryError):
    """A stored row holds what intake never stored there; of its submission no ID check is computed."""

    def __init__(self, submission_id: UUID, column: str) -> None:
        super().__init__(
            f"a row of submission {submission_id} can not be read: its {column} is stored as something else than "
            "the register stores there"
        )
        self.submission_id = submission_id
