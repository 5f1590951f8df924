"""The proof that goes with each certificate: that its leaf is in the public log, under the checkpoint of now.

Made of the public files alone, as anybody could make it, and verified before it is handed out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from registry.log.files import LogFiles
from signing.errors import LogRefused, Malformed
from signing.log.checkpoint import Checkpoint, LogPolicy
from signing.log.proof import open_proof
from signing.log.proof_making import bundles_near, make_proof
from signing.log.tile import BundleReader, TileReader
from signing.trust import TrustKeys


@dataclass(frozen=True)
class HolderProofs:
    """The proofs of many certificates under one checkpoint."""

    files: LogFiles
    policy: LogPolicy
    checkpoint: Checkpoint

    @classmethod
    def of_log(cls, trust: TrustKeys, files: LogFiles) -> "HolderProofs | None":
        """Take the log that the trust bundle names last; ``None`` if there is none, or nothing of it is public yet.

        Raises ``LogRefused`` for a public checkpoint that does not hold.
        """
        data = files.checkpoint() if trust.logs else None
        if data is None:
            return None
        policy = trust.logs[-1]
        return cls(files, policy, policy.open(data))

    def of(self, token: bytes, entry: int) -> bytes:
        """Return the proof (C2SP ``tlog-proof``) of a token. Raises ``LogRefused`` if the log does not show it."""
        size = self.checkpoint.head.size
        proof = make_proof(token, self.checkpoint, self._reader, bundles_near(self._bundle, size, entry))
        open_proof(proof, token, self.policy)
        return proof.to_bytes()

    @cached_property
    def _reader(self) -> TileReader:
        return TileReader(self.files.read, self.checkpoint.head.size)

    @cached_property
    def _bundle(self) -> "Bundles":
        return Bundles(self.files, self.checkpoint.head.size)


class Bundles:
    """Reads the leaves of one bundle; what was read last is remembered."""

    def __init__(self, files: LogFiles, size: int) -> None:
        self._read = lru_cache(maxsize=64)(BundleReader(files.read, size))

    def __call__(self, place: int) -> Sequence[bytes]:
        """Return the leaves of the bundle at this place, 0 first. Raises ``LogRefused``."""
        try:
            return self._read(place)
        except Malformed as fault:
            raise LogRefused(f"{fault}; `certreg log build` makes it anew") from None
