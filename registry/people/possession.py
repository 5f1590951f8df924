"""Proof of possession: whoever has a public key enrolled shows that he holds the private one.

Without it, somebody could have another's public key enrolled as his own body's, and what the other signs would count
for the wrong body (cf. RFC 4211 §4).
"""

from dataclasses import dataclass

from registry.people.errors import KeyRefused, PossessionNotShown
from signing.ed25519 import admit
from signing.errors import BadSignature, InadmissibleKey

CONTEXT = "certreg-possession/1"


@dataclass(frozen=True, slots=True)
class Possession:
    """What the new key signs: for whom, and for what, it is to be enrolled.

    ``administrator`` is the key id of whoever asks for it, ``nonce`` his own choice: so a proof made for one
    administrator is none for another.
    """

    environment: str
    administrator: bytes
    nonce: str
    purpose: str
    public: bytes

    def to_be_signed(self) -> bytes:
        """Return the bytes: six lines of ASCII, each ended by a line feed."""
        lines = [
            CONTEXT,
            self.environment,
            self.administrator.hex(),
            self.nonce,
            self.purpose,
            self.public.hex(),
        ]
        return "".join(f"{line}\n" for line in lines).encode("ascii")

    def require(self, proof: bytes) -> None:
        """Return if ``proof`` is the key's own signature over them, else raise ``KeyRefused``."""
        expected = self.to_be_signed()
        try:
            admit(self.public).verify(proof, expected)
        except InadmissibleKey as error:
            raise KeyRefused(f"{error}; make another key") from None
        except BadSignature:
            raise PossessionNotShown(expected) from None
