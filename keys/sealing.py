"""How private keys are sealed at rest: the age format (age-encryption.org/v1), by pyrage.

Two ways: an identity file, for keys that are used unattended, and a passphrase (scrypt, about a second to
open, more on slow machines), for keys that people carry. Both are recoverable with the ``age`` command of any
distribution. The library's own PKCS#8 encryption is not used: its 2,048 rounds of PBKDF2 are weak for a
signing key.

An identity file opens everything that is sealed to it: it belongs on another path than the keys, outside
their backups.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, NoReturn, Protocol, SupportsIndex

import pyrage

from keys.durable_files import OWNER_ONLY, make_private_folder, read_private, write_new
from keys.errors import KeyFileDamaged, WrongIdentity

# What pyrage says when nothing is wrong with the file but the secret does not open it.
_WRONG_SECRET = {"No matching keys found", "Decryption failed"}


class Secret:
    """Whatever holds a secret: it can be used, but not pickled or copied, and its repr says nothing."""

    __slots__ = ()

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Refuse: pickling and copying would carry the secret away."""
        raise TypeError(f"{type(self).__name__} holds a secret and can not be pickled or copied")

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class Seal(Protocol):
    """What seals a private key and opens it again."""

    def seal(self, plain: bytes, /) -> bytes:
        """Return the age file's bytes."""

    def unseal(self, sealed: bytes, /, *, path: Path) -> bytes:
        """Return what was sealed; ``path`` is for the error text alone.

        Raises ``WrongIdentity`` or ``KeyFileDamaged``.
        """


class Identity(Secret):
    """An age X25519 identity, read from a file that only its owner can read."""

    __slots__ = ("_identity", "recipient")

    def __init__(self, identity: pyrage.x25519.Identity) -> None:
        self._identity: Final = identity
        self.recipient: Final = str(identity.to_public())

    @classmethod
    def create(cls, path: Path) -> Identity:
        """Write a new identity file in the form of ``age-keygen``; never overwrites (``KeyExists``)."""
        made = pyrage.x25519.Identity.generate()
        make_private_folder(path.parent)
        write_new(path, f"# public key: {made.to_public()}\n{made}\n".encode(), mode=OWNER_ONLY)
        return cls(made)

    @classmethod
    def open(cls, path: Path) -> Identity:
        """Read an identity file; raises ``KeyUnavailable`` or one of its kinds."""
        identity = _identity_in(read_private(path))
        if identity is None:
            raise KeyFileDamaged(path, "is not an age identity file with one identity")
        return cls(identity)

    def seal(self, plain: bytes, /) -> bytes:
        """Return the age file's bytes, sealed to this identity alone."""
        return pyrage.encrypt(plain, [self._identity.to_public()])

    def unseal(self, sealed: bytes, /, *, path: Path) -> bytes:
        """Return what was sealed to this identity."""
        try:
            return pyrage.decrypt(sealed, [self._identity])
        except pyrage.DecryptError as fault:
            why = str(fault)
        return _refuse(path, why)

    def __repr__(self) -> str:
        return f"<Identity {self.recipient}>"


class Passphrase(Secret):
    """A passphrase that a person types; slow on purpose."""

    __slots__ = ("_passphrase",)

    def __init__(self, passphrase: str) -> None:
        self._passphrase: Final = passphrase

    def seal(self, plain: bytes, /) -> bytes:
        """Return the age file's bytes, sealed by scrypt."""
        return pyrage.passphrase.encrypt(plain, self._passphrase)

    def unseal(self, sealed: bytes, /, *, path: Path) -> bytes:
        """Return what was sealed with this passphrase."""
        try:
            return pyrage.passphrase.decrypt(sealed, self._passphrase)
        except pyrage.DecryptError as fault:
            why = str(fault)
        return _refuse(path, why)


def _refuse(path: Path, why: str) -> NoReturn:
    if why in _WRONG_SECRET:
        raise WrongIdentity(path, "is not sealed to this identity or passphrase, or its header is damaged")
    raise KeyFileDamaged(path, "is not a whole age file")


def _identity_in(content: bytes) -> pyrage.x25519.Identity | None:
    # A frame of its own, so that the frame which raises holds no secret.
    lines = content.decode("ascii", errors="replace").splitlines()
    secret_lines = [line for line in lines if line and not line.startswith("#")]
    if len(secret_lines) != 1:
        return None
    try:
        return pyrage.x25519.Identity.from_str(secret_lines[0])
    except pyrage.IdentityError:
        return None
