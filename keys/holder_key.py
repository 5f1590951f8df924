"""The key of an assessment body (评价机构), a reviewer or a registrar: what its holder declares, signed.

A body signs its submission claim, a reviewer a decision, a registrar the opening of a series; the formats are
those of ``signing.evidence`` and ``signing.series``. The key is its holder's own, in a file like the register's
keys. It signs nothing else: every verifier would refuse a status, a trust bundle or a certificate signed by it,
and it is refused here first.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.algorithms import ED25519
from keys.durable_files import make_private_folder
from keys.key_file import KeyKind, open_key_file, write_key_file
from keys.sealing import Seal, Secret
from keys.signer.file_signer import FileSigner
from signing import cose
from signing.cose import Kind

CLAIMS: Final = frozenset({Kind.SUBMISSION, Kind.DECISION, Kind.SERIES})


class HolderKey(Secret):
    """The opened key of a body or a person."""

    __slots__ = ("_signer",)

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._signer: Final = FileSigner(private, private.public_key().public_bytes_raw())

    @classmethod
    def create(cls, path: Path, seal: Seal, *, now: datetime) -> HolderKey:
        """Make a key in the file ``NAME.age``, its public part beside it in ``NAME.pub``; never overwrites.

        The folder is made with mode 0700, and refused (``KeyFileExposed``) if others can enter it.
        """
        make_private_folder(path.parent)
        private = Ed25519PrivateKey.generate()
        write_key_file(path, private, kind=KeyKind.HOLDER, seal=seal, now=now)
        return cls(private)

    @classmethod
    def open(cls, path: Path, seal: Seal) -> HolderKey:
        """Open the key; raises ``KeyUnavailable`` or one of its kinds."""
        return cls(open_key_file(path, ED25519, kind=KeyKind.HOLDER, seal=seal))

    @property
    def key_id(self) -> bytes:
        """The 4-byte key id."""
        return self._signer.key_id

    @property
    def public(self) -> bytes:
        """The 32-byte public key, which the register enrols."""
        return self._signer.public

    def sign_claim(self, claim: bytes, *, kind: Kind, environment: str, detached: bool) -> bytes:
        """Return the COSE_Sign1 over the claim's bytes; ``detached`` leaves the claim out of it.

        Raises ``ValueError`` for a kind that is not in ``CLAIMS``.
        """
        if kind not in CLAIMS:
            raise ValueError(f"a holder's key signs no {kind}")
        key_id = self.key_id
        to_be_signed = cose.to_be_signed(key_id=key_id, payload=claim, environment=environment, kind=kind)
        signature = self._signer.sign(to_be_signed)
        return cose.assemble(key_id=key_id, payload=None if detached else claim, signature=signature)

    def __repr__(self) -> str:
        return f"<HolderKey {self.key_id.hex()}>"
