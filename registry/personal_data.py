"""Personal data at rest: sealed with a key that is not in the database, matched by a keyed digest.

Two secrets for two purposes. The *data key* opens what is sealed and stays with the register. The *lookup key* only
tells whether two ID numbers are the same; the public side holds it to answer look-ups and can open nothing. A dump of
the database without them names no ID number (个人信息保护法 art. 51).
"""

import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from registry.errors import RegistryError
from signing.id_check import IdType, canonical

VERSION = b"\x01"
NONCE_BYTES = 12
KEY_BYTES = 32


class SealBroken(RegistryError):
    """Sealed bytes do not open: another key, another place, or damage."""

    def __init__(self, place: str) -> None:
        super().__init__(f"what is stored at {place} does not open with this data key")
        self.place = place


class SecretFileUnusable(RegistryError):
    """A file that should hold one 32-byte secret does not."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")
        self.path = path


class Sealer:
    """Seals and opens personal data with AES-256-GCM; each sealed value is bound to its place."""

    def __init__(self, data_key: bytes) -> None:
        self._cipher = AESGCM(data_key)

    def seal(self, plain: bytes, *, place: str) -> bytes:
        """Return version, nonce and ciphertext; ``place`` (``result:UUID``) is authenticated, not stored."""
        nonce = os.urandom(NONCE_BYTES)
        return VERSION + nonce + self._cipher.encrypt(nonce, plain, VERSION + place.encode())

    def open(self, sealed: bytes, *, place: str) -> bytes:
        """Return the plain bytes, or raise ``SealBroken``."""
        nonce, ciphertext = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        if sealed[:1] != VERSION or len(nonce) != NONCE_BYTES:
            raise SealBroken(place)
        try:
            return self._cipher.decrypt(nonce, ciphertext, VERSION + place.encode())
        except InvalidTag:
            raise SealBroken(place) from None


class Matcher:
    """Answers whether an ID number is the stored one, without opening it."""

    def __init__(self, lookup_key: bytes) -> None:
        self._key = lookup_key

    def match(self, id_type: IdType, id_number: str) -> bytes:
        """Return the 32-byte HMAC-SHA-256 of type and canonical number."""
        text = f"{id_type}:{canonical(id_number)}"
        # Half a surrogate pair, as a form may send it, is nobody's number: it matches nothing.
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), sha256)


def create_secret(path: Path) -> None:
    """Write 32 random bytes to a new file that only its owner reads. Raises ``FileExistsError``."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_secret(path: Path) -> bytes:
    """Return the secret of a file; refuse a file that others may read, or that holds anything else."""
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii").strip()
    except FileNotFoundError:
        raise SecretFileUnusable(path, "there is no such file; run `certreg init`") from None
    except (OSError, UnicodeDecodeError):
        raise SecretFileUnusable(path, "it can not be read as text") from None
    if mode & 0o077:
        raise SecretFileUnusable(path, "others may read it; run chmod 600 on it")
    try:
        secret = bytes.fromhex(text)
    except ValueError:
        raise SecretFileUnusable(path, "it does not hold 64 hex digits") from None
    if len(secret) != KEY_BYTES:
        raise SecretFileUnusable(path, "it does not hold 64 hex digits")
    return secret
