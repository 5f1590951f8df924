"""The keys of a body, in files of its own: sealed by a passphrase (``NAME.age``), or in plain (``NAME.pem``).

A sealed file is one like the register's own keys (``keys.key_file``). A plain one is PKCS#8 in PEM, as OpenSSL writes
it, for the access key of a program that runs unattended; it must be its owner's alone, and so must its folder.
"""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from keys.algorithms import ED25519
from keys.durable_files import OWNER_ONLY, PUBLIC, make_private_folder, read_private, write_new
from keys.errors import KeyExists, KeyFileExposed, KeysError, WrongIdentity
from keys.key_file import KeyKind, open_key_file, write_key_file
from keys.sealing import Passphrase, Secret
from registry.client.errors import KeyUnusable
from signing import cose
from signing.cose import Kind

SEALED, PLAIN = ".age", ".pem"
TAKEN: Final = "已有同名文件，不会覆盖"
PUBLIC_SUFFIX: Final = ".pub.pem"


class ClientKey(Secret):
    """An opened key. What it is for, the register knows: each of its keys has one purpose."""

    __slots__ = ("_private", "public")

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private: Final = private
        self.public: Final = private.public_key().public_bytes_raw()

    @property
    def key_id(self) -> bytes:
        """The 4-byte key id."""
        return cose.key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over these bytes."""
        return self._private.sign(message)

    def sign_submission(self, claim: bytes, *, environment: str) -> bytes:
        """Return the detached COSE_Sign1 over a submission claim: what the body answers for (formats.md §9)."""
        to_be_signed = cose.to_be_signed(
            key_id=self.key_id, payload=claim, environment=environment, kind=Kind.SUBMISSION
        )
        return cose.assemble(key_id=self.key_id, payload=None, signature=self.sign(to_be_signed))

    def __repr__(self) -> str:
        return f"<ClientKey {self.key_id.hex()}>"


def make_key(path: Path, passphrase: str | None, *, now: datetime) -> ClientKey:
    """Make a key in a new file; it is on disk, and its public part beside it in PEM, when this returns.

    ``passphrase`` is given for a sealed file, ``None`` for a plain one, and the name must end as that does. Raises
    ``KeyUnusable``, also if there is such a file; ``NAME.age`` and ``NAME.pem`` have the same public part.
    """
    _require_suffix(path, SEALED if passphrase is not None else PLAIN)
    # Both names before anything is written: a private key without its public part would be a riddle.
    for each in (path, public_path(path)):
        if os.path.lexists(each):
            raise KeyUnusable(each, TAKEN)
    private = Ed25519PrivateKey.generate()
    try:
        make_private_folder(path.parent)
        if passphrase is None:
            pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            write_new(path, pem, mode=OWNER_ONLY)
        else:
            write_key_file(path, private, kind=KeyKind.HOLDER, seal=Passphrase(passphrase), now=now)
        public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        write_new(public_path(path), public, mode=PUBLIC)
    except (KeysError, OSError) as fault:
        raise KeyUnusable(path, _why(path, fault)) from None
    return ClientKey(private)


def public_path(path: Path) -> Path:
    """Return where the public part of a key lies, in PEM: what is given to the register's operator."""
    return path.with_suffix(PUBLIC_SUFFIX)


def open_key(path: Path, ask_passphrase: Callable[[Path], str]) -> ClientKey:
    """Open a key; ``ask_passphrase`` is called for a sealed one alone. Raises ``KeyUnusable``."""
    try:
        _require_there(path)
        if path.suffix == SEALED:
            seal = Passphrase(ask_passphrase(path))
            return ClientKey(open_key_file(path, ED25519, kind=KeyKind.HOLDER, seal=seal))
        found = _private_key_in(read_private(path))
    except (KeysError, OSError) as fault:
        raise KeyUnusable(path, _why(path, fault)) from None
    if found is None:
        raise KeyUnusable(path, "不是 PEM 格式的 Ed25519 私钥（口令保护的密钥文件以 .age 结尾）")
    return ClientKey(found)


def _private_key_in(pem: bytes) -> Ed25519PrivateKey | None:
    # A frame of its own, and None instead of an error: a traceback would hold the key.
    try:
        found = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        return None
    return found if isinstance(found, Ed25519PrivateKey) else None


def _require_there(path: Path) -> None:
    if path.is_dir():
        raise KeyUnusable(path, "这是文件夹；请写明其中的密钥文件")
    if not path.exists():
        raise KeyUnusable(path, "没有这个文件")
    if path.name.endswith(PUBLIC_SUFFIX):
        raise KeyUnusable(
            path, f"这是公钥；请用私钥文件 {path.name.removesuffix(PUBLIC_SUFFIX)}{PLAIN} 或 {SEALED}"
        )


def _require_suffix(path: Path, suffix: str) -> None:
    if path.suffix not in (SEALED, PLAIN):
        raise KeyUnusable(path, f"文件名应以 {SEALED}（用口令保护）或 {PLAIN}（不加口令）结尾")
    if path.suffix != suffix:
        raise KeyUnusable(path, f"文件名应以 {suffix} 结尾")


def _why(path: Path, fault: Exception) -> str:
    match fault:
        case WrongIdentity():
            return "口令不对，或文件已损坏"
        case KeyFileExposed():
            return f"其他用户可以读取此文件或其所在的文件夹；请收回权限：chmod go-rwx {path.parent} {path}"
        case KeyExists():
            return TAKEN
        case OSError():
            return f"无法读写（{fault.strerror}）"
    return str(fault)
