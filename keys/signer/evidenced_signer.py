"""The signer that the register asks: it believes nobody, and signs what the evidence shows.

It reads no database. What it knows by itself is its key, its journal, the trust bundle that root keys signed and the
roster that two custodians signed. Whoever writes into the register's database, or holds its socket, gets no signature
that three entitled persons did not decide; nor a second content for an entry, nor a second entry for a number without
a confirmed correction.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from keys.signer.certificate_signer import CertificateSigner
from keys.signer.examination import examine
from keys.signer.proof import Knowledge
from keys.signer.request import SigningRequest
from signing.roster import Roster
from signing.trust import TrustKeys


class EvidencedSigner:
    """One epoch's signer, with what it takes to judge evidence."""

    def __init__(
        self, hand: CertificateSigner, trust: TrustKeys, roster: Roster, *, now: Callable[[], datetime]
    ) -> None:
        """Take the hand that signs, the current ``trust/keys`` and roster, and a clock of the signer's own."""
        self._hand: Final = hand
        self._trust: Final = trust
        self._roster: Final = roster
        self._now: Final = now

    @property
    def key_id(self) -> bytes:
        """The 4-byte id of the epoch's key."""
        return self._hand.key_id

    def sign_many(self, request: SigningRequest, /) -> list[bytes]:
        """Return the signatures in the order of the items, all or none, with one ``fsync`` of the journal.

        Bytes that the journal has already are signed again without evidence: the signature is the one that was given.
        Raises a ``SigningRefused``, or ``CorruptSignature``, ``KeyUnavailable`` or ``JournalUnavailable``.
        """
        read = [self._hand.read(item.to_be_signed) for item in request.items]
        known = self._hand.signed_digests([each.statement.entry for each in read])
        corrects: list[int | None] = [None] * len(read)
        new = [place for place, each in enumerate(read) if known.get(each.statement.entry) != each.digest]
        if new:
            items = [request.items[place] for place in new]
            asked = SigningRequest(items, request.evidence, request.openings)
            knowledge = Knowledge(self._trust.environment, self._roster, self._trust.profiles, self._now())
            found = examine(asked, [read[place].statement for place in new], knowledge, self._signed_digest)
            for place, entry in zip(new, found, strict=True):
                corrects[place] = entry
        return self._hand.sign_read(read, corrects)

    def _signed_digest(self, entry: int) -> bytes | None:
        return self._hand.signed_digests([entry]).get(entry)

    def __repr__(self) -> str:
        return f"<EvidencedSigner {self.key_id.hex()}>"
