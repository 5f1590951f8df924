"""What signs: a key id, a public key, and bytes in, signature out.

``file_signer`` signs with a key from a sealed file. ``certificate_signer`` adds what must never be signed, with
its own ``journal`` outside the register's database, and ``pool`` signs its batches on all cores.
``evidenced_signer`` is what the register asks: it takes a ``request`` with evidence, and signs only what
``examination`` finds proved. ``listener`` runs it as a program of its own behind a Unix socket, ``remote_signer``
asks it there. Whoever gets a signer gets no key.
"""

from __future__ import annotations

from typing import Protocol

from keys.signer.request import SigningRequest


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


class BatchSigner(Protocol):
    """A signer of certificates, with one epoch's key: it signs what the evidence of a request shows, no more."""

    @property
    def key_id(self) -> bytes:
        """The 4-byte key id."""

    def sign_many(self, request: SigningRequest, /) -> list[bytes]:
        """Return the signatures in the order of the request's items; all or none.

        Raises a ``SigningRefused`` if any of them may not be signed; another ``KeysError`` if the key or its journal
        can not be used, in which case asking again is lawful.
        """
