"""A certificate's proof of the public log, checked or made: an answer of its own, beside the verdict.

A verdict rests on the signature and the status. A proof says more: that the register showed this certificate to the
world, since when, and who saw it. One that was given and does not hold is nothing to be passed over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from signing.errors import DistributionRefused, LogRefused, Malformed
from signing.log.checkpoint import LogPolicy
from signing.log.note import MAX_NOTE
from signing.log.proof import Proof, Proven, open_proof
from signing.log.proof_making import bundles_near, make_proof
from signing.log.tile import WIDTH, Tile
from signing.offline.log_files import LogFiles, policy_of
from signing.offline.reading import read_file
from signing.offline.source import Source
from signing.offline.witnessed import witnessed
from signing.trust import TrustKeys

MAX_PROOF_BYTES: Final = 2 * MAX_NOTE
_BUNDLES_KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class Shown:
    """What a proof shows: the leaf's place ``index``, 0 first, in a tree of ``size``.

    By ``witnessed_at``, in seconds since 1970, a quorum of ``witnesses`` had seen that tree; ``None`` if they do not
    say when.
    """

    index: int
    size: int
    witnessed_at: int | None
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProofAnswer:
    """What can be said of a proof. Without ``shown``, ``why`` says why there is nothing to show.

    ``refused`` tells that there was a proof and that it does not hold; otherwise it can not be told. ``written`` is
    where a proof was written to, ``None`` where one was to be checked.
    """

    shown: Shown | None = None
    why: str = ""
    refused: bool = False
    written: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the value of ``proof`` in the JSON answer."""
        shown = self.shown
        return {
            "holds": True if shown else False if self.refused else None,
            "why": self.why or None,
            "index": shown.index if shown else None,
            "size": shown.size if shown else None,
            "witnessed_at": shown.witnessed_at if shown else None,
            "witnesses": list(shown.witnesses) if shown else [],
            "written": str(self.written) if self.written else None,
        }


def check_proof(data: bytes, token: bytes, trust: TrustKeys | None) -> ProofAnswer:
    """Say whether a proof is one of this token; ``trust`` is ``None`` where there is no trust bundle."""
    if trust is None:
        return ProofAnswer(why="there is no trust bundle to hold it against")
    try:
        proof = Proof.parse(data)
    except Malformed as fault:
        return ProofAnswer(why=str(fault), refused=True)
    policy = policy_of(proof.checkpoint, trust)
    if policy is None:
        return ProofAnswer(why="the trust bundle does not name its log")
    try:
        return ProofAnswer(_shown(open_proof(proof, token, policy), policy))
    except LogRefused as refused:
        return ProofAnswer(why=str(refused), refused=True)


def write_proof(
    path: Path, token: bytes, entry: int | None, trust: TrustKeys | None, source: Source | None
) -> ProofAnswer:
    """Make the proof of a token out of the log at a source, open it, and write it; say what came of it.

    ``entry`` is the token's, ``None`` where its signature does not hold: there is nothing to look for then.
    ``source`` is ``None`` where there are no public files at all.
    """
    if trust is None or source is None or entry is None:
        return ProofAnswer(why="there is no genuine certificate, or no public log to look for it")
    try:
        files = LogFiles(source)
        policy = policy_of(files.checkpoint, trust)
        if policy is None:
            return ProofAnswer(why="the trust bundle does not name its log")
        proof = _made(files, token, entry, policy)
        proven = open_proof(proof, token, policy)
        with path.open("xb") as file:
            file.write(proof.to_bytes())
    except (DistributionRefused, LogRefused, OSError) as refused:
        return ProofAnswer(why=str(refused))
    return ProofAnswer(_shown(proven, policy), written=path)


def read_proof(path: Path) -> bytes:
    """Return a proof's bytes. Raises a ``WrongUse``."""
    return read_file(path, max_bytes=MAX_PROOF_BYTES)


def _made(files: LogFiles, token: bytes, entry: int, policy: LogPolicy) -> Proof:
    checkpoint = policy.open(files.checkpoint)
    size = checkpoint.head.size

    @lru_cache(maxsize=_BUNDLES_KEPT)
    def leaves(place: int) -> Sequence[bytes]:
        return files.leaves(Tile(None, place, min(WIDTH, size - place * WIDTH)))

    return make_proof(token, checkpoint, files.reader(size), bundles_near(leaves, size, entry))


def _shown(proven: Proven, policy: LogPolicy) -> Shown:
    times = witnessed(proven.checkpoint, policy.quorum)
    names = tuple(sorted(proven.checkpoint.cosigned_at))
    return Shown(proven.index, proven.checkpoint.head.size, times.by if times else None, names)
