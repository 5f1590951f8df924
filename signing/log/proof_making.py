"""Making a certificate's proof out of the files of a log: the leaf of its token, and the way from it to the root.

The files are not believed; whoever makes a proof opens it (``proof.open_proof``) before giving it to anybody.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256

from signing.errors import LogRefused, Malformed, SigningError
from signing.log.checkpoint import Checkpoint
from signing.log.leaf import Issue, read_leaf
from signing.log.proof import Proof
from signing.log.tile import WIDTH
from signing.merkle import NodeHash, prove_inclusion

Leaves = tuple[int, Sequence[bytes]]
"""Leaves of one bundle, after the index of the first of them."""


def make_proof(token: bytes, checkpoint: Checkpoint, read: NodeHash, bundles: Iterable[Leaves]) -> Proof:
    """Return the proof of a token's leaf under a checkpoint, or raise ``LogRefused``.

    ``read`` tells hashes of the checkpoint's tree (``tile.TileReader``), ``bundles`` its leaves; they are asked for
    until the leaf is found.
    """
    digest, size = sha256(token).digest(), checkpoint.head.size
    for first, leaves in bundles:
        for index, leaf in enumerate(leaves, first):
            if digest in leaf and _is_issue_of(leaf, digest):
                return Proof(leaf, index, _way(read, index, size), checkpoint.data)
    raise LogRefused("the log has no leaf of this token")


def bundles_near(
    read: Callable[[int], Sequence[bytes]], size: int, entry: int
) -> Iterator[tuple[int, Sequence[bytes]]]:
    """Yield all bundles of a log of ``size`` leaves, those first in which the issue of an entry is likely.

    ``read`` returns the leaves of the bundle at a place, 0 first. Entries are in order but for what happened at one
    moment, so a search by halves comes near, and what is left is looked at outwards from there.
    """
    low, high = 0, -(-size // WIDTH) - 1
    while low < high:
        middle = (low + high) // 2
        highest = max(_entries(read(middle)), default=None)
        if highest is None:
            low = high = middle
        elif highest < entry:
            low = middle + 1
        else:
            high = middle
    for place in sorted(range(-(-size // WIDTH)), key=lambda place: abs(place - low)):
        yield place * WIDTH, read(place)


def _way(read: NodeHash, index: int, size: int) -> tuple[bytes, ...]:
    try:
        return prove_inclusion(read, index, size)
    except (Malformed, IndexError) as fault:
        raise LogRefused(str(fault)) from None


def _is_issue_of(leaf: bytes, digest: bytes) -> bool:
    try:
        told = read_leaf(leaf)
    except SigningError:
        return False
    return isinstance(told, Issue) and told.digest == digest


def _entries(leaves: Sequence[bytes]) -> Iterator[int]:
    """Yield the entries that were issued; a leaf that can not be read is nobody's."""
    for leaf in leaves:
        try:
            told = read_leaf(leaf)
        except SigningError:
            continue
        if isinstance(told, Issue):
            yield told.entry
