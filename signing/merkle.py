"""The Merkle tree hash of RFC 6962 §2.1, and proofs that a leaf is in it (RFC 9162 §2.1.3).

SHA-256; leaves and nodes are hashed with different first bytes, so that none can pass for the other.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

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


def _level_above(hashes: Sequence[bytes]) -> list[bytes]:
    """Join neighbours; a last one without neighbour goes up as it is, which gives RFC 6962's split."""
    above = list(map(_node_hash, hashes[::2], hashes[1::2]))
    if len(hashes) % 2:
        above.append(hashes[-1])
    return above


def _node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
