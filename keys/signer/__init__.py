"""What signs: a key id, a public key, and bytes in, signature out.

``file_signer`` signs with a key from a sealed file; ``certificate_signer`` adds what a signer of certificates
must refuse, with its own ``journal`` outside the register's database, and ``pool`` signs its batches on all
cores. Whoever gets a signer gets no key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol


class Signer(Protocol):
    """One key that signs."""

    @property
    def key_id(self) -> bytes:
        """The 4-byte key id."""

    @property
    def public(self) -> bytes:
        """The 32-byte public key."""

    def sign(self, to_be_signed: bytes, /) -> bytes:
        """Return the 64-byte signature over a COSE ``Sig_structure``, or over metadata in canonical JSON.

        Raises a ``KeysError`` if the key can not be used or the signature does not verify.
        """


class BatchSigner(Signer, Protocol):
    """A signer of certificates, one or many at a time."""

    def sign(self, to_be_signed: bytes, /, *, corrects: int | None = ...) -> bytes:
        """Return the signature for one certificate.

        ``corrects`` is the earlier entry of the same number that it corrects, ``None`` if it is the first.
        """

    def sign_many(
        self, to_be_signed: Sequence[bytes], /, *, corrects: Mapping[int, int] = ...
    ) -> list[bytes]:
        """Return the signatures in the same order; all or none.

        ``corrects`` names, for each entry of the batch that is a correction, the earlier entry of the same
        number.
        """
