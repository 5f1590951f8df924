"""The Merkle tree hash of RFC 6962 §2.1, with proofs that a leaf is in it or that it only grew (RFC 9162 §2.1.3-4).

SHA-256; leaves and nodes are hashed with different first bytes, so that none can pass for the other. Proofs are made
either of all leaves, or out of whatever can tell the hash of a complete subtree (``Node``).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from hashlib import sha256
from typing import Final, NamedTuple

HASH_SIZE: Final = 32


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf's bytes."""
    return sha256(b"\x00" + leaf).digest()


def tree_hash(leaves: Iterable[bytes]) -> bytes:
    """Return the root over the leaves' bytes in their order; SHA-256 of nothing for no leaves."""
    return root_of_hashes(list(map(leaf_hash, leaves)))


def root_of_hashes(hashes: Sequence[bytes]) -> bytes:
    """Return the same root for leaves of which the hashes are known."""
    if not hashes:
        return sha256(b"").digest()
    while len(hashes) > 1:
        hashes = _level_above(hashes)
    return hashes[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the hashes from the leaf's sibling up to below the root; ``IndexError`` without such a leaf."""
    if not 0 <= index < len(leaves):
        raise IndexError("no leaf at this index")
    hashes = list(map(leaf_hash, leaves))
    proof = []
    while len(hashes) > 1:
        sibling = index ^ 1
        if sibling < len(hashes):
            proof.append(hashes[sibling])
        hashes, index = _level_above(hashes), index >> 1
    return tuple(proof)


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Tell whether the proof shows that a tree of this size and root has the leaf at this index (0 first)."""
    return verify_inclusion_of_hash(leaf_hash(leaf), index, size, proof, root)


def verify_inclusion_of_hash(
    hashed: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Do the same for a leaf of which only the hash is known."""
    if not 0 <= index < size or any(len(step) != HASH_SIZE for step in (hashed, root, *proof)):
        return False
    # RFC 9162 2.1.3.2: fn and sn are the places of the leaf and of the last leaf, level by level.
    fn, sn = index, size - 1
    for step in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            hashed = _node_hash(step, hashed)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            hashed = _node_hash(hashed, step)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and hashed == root


class Node(NamedTuple):
    """A complete subtree: of those with ``2**height`` leaves, the one at this place, 0 first."""

    height: int
    place: int


NodeHash = Callable[[Node], bytes]
"""Tells the hash of a complete subtree."""


def nodes_of(start: int, end: int) -> Iterator[Node]:
    """Yield the complete subtrees, from left to right, of which the leaves ``start..end-1`` are made.

    ``start`` is 0, or a multiple of the largest power of two that is at most ``end - start``, as in every subtree of a
    tree.
    """
    while start < end:
        height = (end - start).bit_length() - 1
        yield Node(height, start >> height)
        start += 1 << height


def subtree_hash(read: NodeHash, start: int, end: int) -> bytes:
    """Return the Merkle tree hash of the leaves ``start..end-1`` of a tree."""
    return join_uneven([read(node) for node in nodes_of(start, end)])


class Frontier:
    """The right edge of a tree: as little of it as it takes to go on, whatever its size.

    ``hashes`` are those of the complete subtrees it is made of, from left to right, at most 64.
    """

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """Take a tree of ``size`` leaves up; ``ValueError`` if it is not made of as many subtrees."""
        if size < 0 or len(hashes) != size.bit_count() or any(len(each) != HASH_SIZE for each in hashes):
            raise ValueError("not the right edge of a tree of this size")
        self.size = size
        self.hashes = list(hashes)

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Let the tree grow by leaves of these hashes."""
        for hashed in leaves:
            # As in a binary counter: each one at the end of the size is a subtree to join with.
            rest = self.size
            while rest & 1:
                hashed = _node_hash(self.hashes.pop(), hashed)
                rest >>= 1
            self.hashes.append(hashed)
            self.size += 1

    @property
    def root(self) -> bytes:
        """The root over all leaves."""
        return join_uneven(self.hashes)

    def copy(self) -> "Frontier":
        """Return another of the same tree, to grow by itself."""
        return Frontier(self.size, self.hashes)


def join_uneven(hashes: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees that grow smaller from left to right; of none, that of the empty tree."""
    if not hashes:
        return root_of_hashes([])
    return reduce(lambda right, left: _node_hash(left, right), reversed(hashes))


def prove_inclusion(read: NodeHash, index: int, size: int) -> tuple[bytes, ...]:
    """Return the inclusion proof of the leaf at ``index`` in a tree of ``size``; ``IndexError`` without such a leaf."""
    if not 0 <= index < size:
        raise IndexError("no leaf at this index")
    start, end, beside = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            beside.append((middle, end))
            end = middle
        else:
            beside.append((start, middle))
            start = middle
    return tuple(subtree_hash(read, *part) for part in reversed(beside))


def prove_consistency(read: NodeHash, old: int, size: int) -> tuple[bytes, ...]:
    """Return the proof that a tree of ``size`` begins with the tree of its first ``old`` leaves.

    Empty for two equal sizes, and for an empty old tree. ``IndexError`` if ``old`` is not of ``0..size``.
    """
    if not 0 <= old <= size:
        raise IndexError("a tree only grows")
    if old in (0, size):
        return ()
    start, end, parts = 0, size, []
    # RFC 6962 2.1.2: down to the subtree that ends where the old tree ends.
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((start, middle))
            start = middle
    if start:
        parts.append((start, end))
    return tuple(subtree_hash(read, *part) for part in reversed(parts))


def verify_consistency(
    old_size: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether the proof shows that the tree of ``size`` and ``root`` begins with the old one (RFC 9162 §2.1.4.2).

    The empty tree is the beginning of every tree; a tree is its own, with an empty proof.
    """
    if not 0 <= old_size <= size or any(len(step) != HASH_SIZE for step in proof):
        return False
    if old_size == size:
        return not proof and old_root == root and (size > 0 or root == root_of_hashes([]))
    if not old_size:
        return not proof and old_root == root_of_hashes([]) and len(root) == HASH_SIZE
    steps = list(proof)
    # 2. An old tree that is complete is its own first step.
    if not old_size & (old_size - 1):
        steps.insert(0, old_root)
    if not steps:
        return False
    # 3. and 4. fn and sn are the last leaves of both trees, level by level.
    fn, sn = old_size - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    # 5. and 6.
    before = after = steps[0]
    for step in steps[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            before, after = _node_hash(step, before), _node_hash(step, after)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            after = _node_hash(after, step)
        fn, sn = fn >> 1, sn >> 1
    # 7.
    return sn == 0 and before == old_root and after == root


def _split(size: int) -> int:
    """Return the largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)


def join_pairs(hashes: Sequence[bytes]) -> list[bytes]:
    """Return the hashes of each two neighbours; a last one without neighbour is left out."""
    return list(map(_node_hash, hashes[::2], hashes[1::2]))


def _level_above(hashes: Sequence[bytes]) -> list[bytes]:
    """Join neighbours; a last one without neighbour goes up as it is, which gives RFC 6962's split."""
    above = join_pairs(hashes)
    if len(hashes) % 2:
        above.append(hashes[-1])
    return above


def _node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
