"""What may be signed after all that was: the rules of the signer's journal, without any file.

One entry has one content for ever. One number has one entry, unless a later entry is a correction that names
the number's last one. Not decided here: whether a correction was approved; the evidence shows that
(``examination``), before the journal is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from keys.errors import NumberTaken, OtherContentForEntry, WrongCorrection

_DIGEST_SIZE: Final = 32
_PAGE_BITS: Final = 8
_NO_DIGEST: Final = bytes(_DIGEST_SIZE)


class SignedEntry(NamedTuple):
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
    """Digest of every entry, last entry of every number; about 160 bytes of memory for each entry."""

    def __init__(self) -> None:
        self._digests = _Digests()
        self._last_entries: dict[bytes, int] = {}
        self.last_entry = 0

    def add(self, signed: SignedEntry) -> None:
        """Take an entry in that was admitted."""
        entry = signed.entry
        self._digests.put(entry, signed.digest)
        self._last_entries[signed.number] = entry
        if entry > self.last_entry:
            self.last_entry = entry

    def digest(self, entry: int) -> bytes | None:
        """Return the digest that was admitted for an entry, ``None`` if none was."""
        return self._digests.get(entry)

    def new_among(self, wanted: Sequence[SignedEntry]) -> list[SignedEntry]:
        """Return those not admitted before, if all may be signed one after the other; changes nothing.

        Raises ``OtherContentForEntry``, ``NumberTaken`` or ``WrongCorrection``.
        """
        digests: dict[int, bytes] = {}
        last_entries: dict[bytes, int] = {}
        new = []
        for signed in wanted:
            known = digests.get(signed.entry) or self._digests.get(signed.entry)
            earlier = last_entries.get(signed.number) or self._last_entries.get(signed.number)
            if _is_new(signed, known, earlier):
                new.append(signed)
                digests[signed.entry], last_entries[signed.number] = signed.digest, signed.entry
        return new


def _is_new(signed: SignedEntry, known: bytes | None, earlier: int | None) -> bool:
    """Return true for an entry that may be added, false for one that is known with the same content.

    ``known`` is the digest that the entry has already, ``earlier`` the last entry of its number.
    """
    # 1. Has this entry a content already?
    if known == signed.digest:
        return False
    if known is not None:
        raise OtherContentForEntry(signed.entry)
    # 2. Has this number an entry already? Then the request must name its last one, and come later.
    if earlier is not None and signed.corrects is None:
        raise NumberTaken(signed.entry, earlier)
    if signed.corrects != earlier or (earlier is not None and earlier > signed.entry):
        raise WrongCorrection(signed.entry, signed.corrects or 0)
    return True


class _Digests:
    """The digests by entry, in pages: entries are dense, and an object for each would take thrice the memory.

    Zeros stand for an entry that is not there; no bytes are known whose SHA-256 is zero.
    """

    __slots__ = ("_pages",)

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def put(self, entry: int, digest: bytes) -> None:
        page = self._pages.get(entry >> _PAGE_BITS)
        if page is None:
            page = self._pages[entry >> _PAGE_BITS] = bytearray(_DIGEST_SIZE << _PAGE_BITS)
        place = (entry & ((1 << _PAGE_BITS) - 1)) * _DIGEST_SIZE
        page[place : place + _DIGEST_SIZE] = digest

    def get(self, entry: int) -> bytes | None:
        page = self._pages.get(entry >> _PAGE_BITS)
        if page is None:
            return None
        place = (entry & ((1 << _PAGE_BITS) - 1)) * _DIGEST_SIZE
        digest = bytes(page[place : place + _DIGEST_SIZE])
        return None if digest == _NO_DIGEST else digest
