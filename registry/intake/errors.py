"""Refusals of the intake room.

RegistryError
└── SubmissionNotSigned     the body's signature is missing, malformed or does not hold over this file
"""

from registry.errors import RegistryError


class SubmissionNotSigned(RegistryError):
    """The body's signature is missing, malformed, or does not hold over this file."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the submission is not signed by the body's key: {why}")
        self.why = why
