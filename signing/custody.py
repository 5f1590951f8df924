"""What custodians sign together: files below the root that two people answer for (formats.md §6).

Custodian keys are listed in ``trust/keys``, so root keys decide who is one. A file counts when at least
``THRESHOLD`` different custodian keys in good standing signed it; signatures by other keys are ignored. What
a file says is read by the room that knows its kind.
"""

from collections.abc import Mapping
from typing import Final, Protocol

from signing.cose import Kind
from signing.ed25519 import PublicKey
from signing.errors import NotSignedByCustodians
from signing.root import SignedFile

CUSTODIAN: Final = "custodian"
"""The kind of a custodian's key in ``trust/keys``; what it signs has kinds of its own."""

THRESHOLD: Final = 2


class Custodianship(Protocol):
    """What is asked of ``trust/keys``: for which environment, and who is custodian now."""

    @property
    def environment(self) -> str:
        """The environment that is part of every signature."""

    @property
    def custodians(self) -> Mapping[bytes, PublicKey]:
        """The custodian keys in good standing, by key id."""


def open_custodian_file(data: bytes, trust: Custodianship, kind: Kind) -> bytes:
    """Return the payload if enough different custodians signed it for this environment as this kind.

    Raises ``Malformed`` or ``NotSignedByCustodians`` otherwise. Not checked here: that the payload names the
    same environment, and that it is not older than one seen before.
    """
    file = SignedFile.from_bytes(data)
    signed = file.signed_by(trust.custodians, trust.environment, kind)
    if len(signed) < THRESHOLD:
        raise NotSignedByCustodians(signed=len(signed), threshold=THRESHOLD)
    return file.payload
