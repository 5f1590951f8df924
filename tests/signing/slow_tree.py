"""The Merkle tree of RFC 6962, read slowly: each definition of section 2.1 word for word."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field


def split(count: int) -> int:
    """Return k, the largest power of two smaller than the count."""
    k = 1
    while 2 * k < count:
        k *= 2
    return k


@dataclass
class SlowTree:
    """A tree over some leaves; a range of them, ``D[start:end]``, is worked out once."""

    leaves: Sequence[bytes]
    known: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def mth(self, start: int, end: int) -> bytes:
        """Section 2.1: MTH(D[start:end])."""
        if (start, end) not in self.known:
            self.known[start, end] = self._mth(start, end)
        return self.known[start, end]

    def _mth(self, start: int, end: int) -> bytes:
        if end == start:
            return hashlib.sha256(b"").digest()
        if end - start == 1:
            return hashlib.sha256(b"\x00" + self.leaves[start]).digest()
        k = split(end - start)
        joined = b"\x01" + self.mth(start, start + k) + self.mth(start + k, end)
        return hashlib.sha256(joined).digest()

    def path(self, m: int, start: int, end: int) -> tuple[bytes, ...]:
        """Section 2.1.1: PATH(m, D[start:end])."""
        if end - start == 1:
            return ()
        k = split(end - start)
        if m < k:
            return (*self.path(m, start, start + k), self.mth(start + k, end))
        return (*self.path(m - k, start + k, end), self.mth(start, start + k))

    def proof(self, m: int, n: int) -> tuple[bytes, ...]:
        """Section 2.1.2: PROOF(m, D[n]), for 0 < m <= n."""
        return self.subproof(m, 0, n, known=True)

    def subproof(self, m: int, start: int, end: int, *, known: bool) -> tuple[bytes, ...]:
        """Section 2.1.2: SUBPROOF(m, D[start:end], b)."""
        if m == end - start:
            return () if known else (self.mth(start, end),)
        k = split(end - start)
        if m <= k:
            return (*self.subproof(m, start, start + k, known=known), self.mth(start + k, end))
        return (*self.subproof(m - k, start + k, end, known=False), self.mth(start, start + k))
