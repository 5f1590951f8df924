"""What the tests of the keys have in common: names, instants, and the bytes of a certificate to sign."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from keys.custodians import CustodianMedium
from keys.key_file import KeyKind
from keys.roots import RootMedium, create_roots
from keys.signer.file_signer import FileSigner
from signing.number import Field, Profile
from signing.root import Root
from signing.statement import Level, Occupation, Statement
from signing.token import statement_to_be_signed
from signing.trust import TrustKeys
from tests.instants import NOON, THAT_DAY

ENVIRONMENT = "test"
SALT = bytes(range(16))
LAST_ON = date(2027, 5, 31)
IN_A_YEAR = NOON + timedelta(days=365)
DIGITS = "0123456789"
PROFILE = Profile(1, "short", "assumed", (0,), None, (Field("body", 2, DIGITS), Field("serial", 4, DIGITS)))


@dataclass(frozen=True)
class Custodians:
    """The media of the custodians' keys and their opened signers."""

    media: list[CustodianMedium]
    signers: list[FileSigner]


@dataclass(frozen=True)
class Roots:
    """The root with the media of its keys and their opened signers."""

    root: Root
    media: list[RootMedium]
    signers: list[FileSigner]


def create_roots_as_before(media: Sequence[RootMedium], **more: Any) -> Root:
    """Make root keys as they were made before there were ML-DSA-44 keys: in place of ``keys.roots.create_roots``."""
    root = create_roots(media, **more)
    for medium in media:
        for path in medium.folder.glob("root-mldsa44-*"):
            path.unlink()
    return replace(root, mldsa=None)


def key_of(trust: TrustKeys, kind: KeyKind) -> bytes:
    """Return the id of the one key of this kind."""
    (key_id,) = (entry.key_id for entry in trust.keys.values() if entry.kind == kind)
    return key_id


def certificate(
    key_id: bytes,
    *,
    entry: int = 1,
    number: str = "010001",
    name: str = "张三",
    issued_on: date = THAT_DAY,
    environment: str = ENVIRONMENT,
) -> bytes:
    """Return the bytes that a signer is asked to sign for one certificate."""
    occupation = Occupation(2, 2021011)
    statement = Statement(entry, PROFILE.pack(number), name, 7, occupation, None, Level.SENIOR, issued_on)
    return statement_to_be_signed(statement, key_id=key_id, environment=environment)


def killed_inside(act: Callable[[], object]) -> bool:
    """Run the act in a child process; true if the child died by ``os._exit(137)`` on the way."""
    return ending_of(act) == 137


def ending_of(act: Callable[[], object]) -> int:
    """Run the act in a child process; return its exit code (0 if the act ended), or minus its fatal signal."""
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
