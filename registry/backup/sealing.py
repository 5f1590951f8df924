"""What seals a backup: age for secrecy, keyed digests for names and for proof of whose it is.

Every part is sealed to the register's own identity, and to the recipients that were named beside it. The register's
own is always among them, because a backup that the register can not open can not be verified, nor compared with the
next one; its identity opens the issuing keys as well, so whoever has it needs no backup.

Anybody may seal to a recipient. So the manifest carries a keyed digest, made with the register's data key: what
somebody else put into the folder is not restored. The names of chunks are keyed digests, and tell nothing of what is
in them.
"""

import hmac
import zlib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

import pyrage

from keys.errors import KeyFileDamaged, WrongIdentity
from keys.sealing import Identity, Secret
from registry.backup.errors import BackupDamaged, NotARecipient

# What is sealed is mostly noise in base64; more effort would win nothing.
COMPRESSION: Final = 1


class BackupSeal(Secret):
    """Seals the parts of one register's backups, and opens them again."""

    __slots__ = ("_identity", "_name_key", "_proof_key", "_recipients", "recipients")

    def __init__(self, identity: Identity, data_key: bytes, *, recipients: Sequence[str] = ()) -> None:
        """Open with ``identity``; seal to it and to the further ``recipients`` (``age1…``).

        Raises ``NotARecipient``.
        """
        self._identity: Final = identity
        self.recipients: Final = tuple(sorted({identity.recipient, *recipients}))
        self._recipients: Final = [_recipient(text) for text in self.recipients]
        # Two purposes, two keys; neither gives the data key away.
        self._name_key: Final = hmac.digest(data_key, b"certreg/backup/names/1", sha256)
        self._proof_key: Final = hmac.digest(data_key, b"certreg/backup/proof/1", sha256)

    def name(self, plain: bytes) -> str:
        """Return the name of a chunk, 64 hex digits; another one for other recipients, who need a file of their own."""
        written = "\n".join(self.recipients).encode()
        return hmac.digest(self._name_key, written + b"\0" + plain, sha256).hex()

    def proof(self, content: bytes) -> bytes:
        """Return the 32-byte keyed digest that shows that this register wrote ``content``."""
        return hmac.digest(self._proof_key, content, sha256)

    def seal(self, plain: bytes) -> bytes:
        """Return the age file's bytes."""
        return pyrage.encrypt(zlib.compress(plain, COMPRESSION), self._recipients)

    def open(self, sealed: bytes, *, path: Path) -> bytes:
        """Return what was sealed; raises ``WrongIdentity`` or ``BackupDamaged``."""
        try:
            return zlib.decompress(self._identity.unseal(sealed, path=path))
        except (KeyFileDamaged, zlib.error):
            pass
        raise BackupDamaged(path.name, "does not open")

    def open_chunk(self, sealed: bytes, *, path: Path) -> bytes:
        """Return what was sealed in a chunk of a manifest that did open: whatever is wrong now is damage."""
        try:
            return self.open(sealed, path=path)
        except WrongIdentity:
            pass
        raise BackupDamaged(path.name, "does not open with the identity that opens its manifest")


def _recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        raise NotARecipient(text) from None
