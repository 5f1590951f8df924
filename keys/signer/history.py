"""What may be signed after all that was: the rules of the signer's journal, without any file.

One entry has one content for ever. One number has one entry, unless a later entry is a correction that names
the number's last one. Not decided here: whether a correction was ever approved; the requester says so, and
nothing vouches for it yet.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass

from keys.errors import NumberTaken, OtherContentForEntry, WrongCorrection


@dataclass(frozen=True, slots=True)
class SignedEntry:
    """One entry that was admitted for signing.

    ``digest`` is SHA-256 of the bytes to be signed, which name key and environment; ``corrects`` is the
    earlier entry of the same number that this one corrects, ``None`` if it is the number's first.
    """

    entry: int
    number: bytes
    key_id: bytes
    digest: bytes
    corrects: int | None


class History:
    """Digest of every entry, last entry of every number."""

    def __init__(self) -> None:
        self._digests: MutableMapping[int, bytes] = {}
        self._last_entries: MutableMapping[bytes, int] = {}
        self.last_entry = 0

    def add(self, signed: SignedEntry) -> None:
        """Take an entry in that was admitted."""
        self._digests[signed.entry] = signed.digest
        self._last_entries[signed.number] = signed.entry
        self.last_entry = max(self.last_entry, signed.entry)

    def new_among(self, wanted: Sequence[SignedEntry]) -> list[SignedEntry]:
        """Return those not admitted before, if all may be signed one after the other; changes nothing.

        Raises ``OtherContentForEntry``, ``NumberTaken`` or ``WrongCorrection``.
        """
        trial = History()
        trial._digests = ChainMap({}, self._digests)
        trial._last_entries = ChainMap({}, self._last_entries)
        new = [signed for signed in wanted if trial._takes(signed)]
        return new

    def _takes(self, signed: SignedEntry) -> bool:
        """Add a new entry and return true; return false for one that is known with the same content."""
        # 1. Has this entry a content already?
        known = self._digests.get(signed.entry)
        if known == signed.digest:
            return False
        if known is not None:
            raise OtherContentForEntry(signed.entry)
        # 2. Has this number an entry already? Then the request must name its last one, and come later.
        earlier = self._last_entries.get(signed.number)
        if earlier is not None and signed.corrects is None:
            raise NumberTaken(signed.entry, earlier)
        if signed.corrects != earlier or (earlier is not None and earlier > signed.entry):
            raise WrongCorrection(signed.entry, signed.corrects or 0)
        self.add(signed)
        return True
