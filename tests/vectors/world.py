"""A small invented register for vectors and tests: keys from fixed seeds, trust bundle, status, statements.

Nothing here is secret and nothing of it is in force anywhere.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from signing import mldsa
from signing.cose import Envelope, Kind, assemble, key_id, to_be_signed
from signing.number import Field, Profile
from signing.root import Root, SignedFile
from signing.statement import Level, Occupation, Statement
from signing.status import Status
from signing.token import honest_digest
from signing.trust import KeyEntry, TrustKeys, TrustNames

ENV = "demo"
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
SALT = bytes(range(16))
LATE = date(2027, 6, 30)
DAY_0 = date(1970, 1, 1)


@dataclass(frozen=True)
class SeedKey:
    """A key pair whose seed is SHA-256 of its name."""

    name: str

    @property
    def seed(self) -> bytes:
        return hashlib.sha256(f"certreg vectors: {self.name}".encode()).digest()

    @cached_property
    def private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def key_id(self) -> bytes:
        return key_id(self.public)

    def signature(self, payload: bytes, kind: Kind, env: str = ENV) -> bytes:
        signed = to_be_signed(key_id=self.key_id, payload=payload, environment=env, kind=kind)
        return self.private.sign(signed)

    def sign1(self, payload: bytes, kind: Kind, env: str = ENV) -> bytes:
        return assemble(key_id=self.key_id, payload=payload, signature=self.signature(payload, kind, env))

    def detached(self, payload: bytes, kind: Kind, env: str = ENV) -> Envelope:
        return Envelope(self.key_id, None, self.signature(payload, kind, env))


@dataclass(frozen=True)
class MldsaSeedKey:
    """An ML-DSA-44 key pair whose seed is SHA-256 of its name."""

    name: str

    @cached_property
    def private(self) -> MLDSA44PrivateKey:
        seed = hashlib.sha256(f"certreg vectors, ML-DSA-44: {self.name}".encode()).digest()
        return MLDSA44PrivateKey.from_seed_bytes(seed)

    @cached_property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def key_id(self) -> str:
        return mldsa.key_id(self.public)


ROOTS = [SeedKey(f"root {place}") for place in range(3)]
CUSTODIANS = [SeedKey(f"custodian {place}") for place in range(3)]
RETIRED_CUSTODIAN = SeedKey("custodian, retired")
LOST_CUSTODIAN = SeedKey("custodian, distrusted")
STRANGER = SeedKey("stranger")
OTHER_STRANGER = SeedKey("another stranger")
ISSUING = SeedKey("issuing")
RETIRED = SeedKey("issuing, retired")
ENDED = SeedKey("issuing, ended")
DISTRUSTED = SeedKey("issuing, distrusted, with an honest list")
BURNT = SeedKey("issuing, distrusted, without an honest list")
STATUS = SeedKey("status")
OLD_STATUS = SeedKey("status, distrusted")
REPORT = SeedKey("report")

_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _profile_22(code: int, name: str, status: str, level: str) -> Profile:
    parts = [
        ("category", 1, _LETTERS),
        ("body", 4, _DIGITS),
        ("province", 2, _DIGITS),
        ("site", 6, _DIGITS),
        ("year", 2, _DIGITS),
        ("level", 1, level),
        ("serial", 6, _DIGITS),
    ]
    return Profile(code, name, status, (0, 1), 5, tuple(Field(*part) for part in parts))


def _profile_16(code: int) -> Profile:
    parts = [
        ("year", 2, _DIGITS),
        ("province", 2, _DIGITS),
        ("city", 2, _DIGITS),
        ("kind", 1, "01234"),
        ("body", 3, _DIGITS),
        ("level", 1, "12345"),
        ("serial", 5, _DIGITS),
    ]
    return Profile(code, "legacy-16", "confirmed", (1, 2, 3, 4), 5, tuple(Field(*part) for part in parts))


DTE = _profile_22(1, "dte-22", "assumed", _DIGITS)
SKILL = _profile_22(2, "skill-22", "confirmed", "12345")
SPECIAL = _profile_22(3, "skill-22-special", "assumed", _LETTERS)
LEGACY = _profile_16(4)
PROFILES = {profile.code: profile for profile in (DTE, SKILL, SPECIAL, LEGACY)}
NUMBER = DTE.pack("S000123000001263000001")


def statement(entry: int = 100, **changed: Any) -> Statement:
    """Return an ordinary statement with some fields changed."""
    ordinary: dict[str, Any] = {
        "number": NUMBER,
        "holder_name": "张小明",
        "id_check": 2748,
        "occupation": Occupation(2, 2021011),
        "direction": None,
        "level": Level.SENIOR,
        "issued_on": date(2026, 10, 20),
    }
    return Statement(entry=entry, **ordinary | changed)


def token(
    content: Statement | bytes, key: SeedKey = ISSUING, *, env: str = ENV, kind: Kind = Kind.CERTIFICATE
) -> bytes:
    """Sign a statement, or any payload, as a token."""
    return key.sign1(content if isinstance(content, bytes) else content.to_bytes(), kind, env)


HONEST = token(statement(40_100), DISTRUSTED)
BASE_TOKENS = {
    "a name of three characters": token(statement()),
    "nineteen characters with U+00B7, a direction": token(
        statement(101, holder_name="阿卜杜热依木·买买提艾力江·艾合买提江", direction=3, level=Level.JUNIOR)
    ),
    "a name of 168 bytes, last entry and last day of the key": token(
        statement(30_000, holder_name="𬭸䶮" * 24, direction=255, issued_on=LATE, id_check=4095)
    ),
}


def root(env: str = ENV, **changed: Any) -> Root:
    """Return the pinned root."""
    ordinary = {"version": 1, "threshold": 2, "keys": tuple(key.public for key in ROOTS)}
    return Root(environment=env, **ordinary | changed)


def trust_keys(**changed: Any) -> TrustKeys:
    """Return the trust keys in force, with some fields changed."""
    entries = [
        KeyEntry("certificate", ISSUING.public, 1, 30_000, LATE),
        KeyEntry("certificate", RETIRED.public, 30_001, 40_000, date(2026, 6, 30), retired=True),
        KeyEntry("certificate", DISTRUSTED.public, 40_001, 45_000, LATE),
        KeyEntry("certificate", BURNT.public, 45_001, 50_000, LATE),
        KeyEntry("certificate", ENDED.public, 50_001, 60_000, date(2026, 10, 19)),
        KeyEntry("status", STATUS.public, 0, 0, LATE),
        KeyEntry("status", OLD_STATUS.public, 0, 0, LATE),
        KeyEntry("report", REPORT.public, 1, 60_000, LATE),
        *(KeyEntry("custodian", key.public, 0, 0, DAY_0) for key in (*CUSTODIANS, LOST_CUSTODIAN)),
        KeyEntry("custodian", RETIRED_CUSTODIAN.public, 0, 0, DAY_0, retired=True),
    ]
    ordinary: dict[str, Any] = {
        "environment": ENV,
        "version": 7,
        "made_at": NOW - 20 * DAY,
        "expires_at": NOW + 100 * DAY,
        "salt": SALT,
        "keys": {entry.key_id: entry for entry in entries},
        "profiles": PROFILES,
        "tombstones": {key.key_id: NOW - 5 * DAY for key in (DISTRUSTED, BURNT, OLD_STATUS, LOST_CUSTODIAN)},
        "honest": {DISTRUSTED.key_id: frozenset({honest_digest(HONEST), bytes(16)})},
    }
    return TrustKeys(**ordinary | changed)


def trust_names(**changed: Any) -> TrustNames:
    """Return the names in force, with some fields changed."""
    ordinary: dict[str, Any] = {
        "environment": ENV,
        "version": 3,
        "made_at": NOW - 20 * DAY,
        "issuers": {(1, "S0001"): "示例评价机构一", (1, "S0002"): "示例评价机构二"},
        "occupations": {(2, 2021011): "示例职业"},
        "directions": {3: "示例方向"},
    }
    return TrustNames(**ordinary | changed)


def status(**changed: Any) -> Status:
    """Return the status in force, with some fields changed."""
    ordinary: dict[str, Any] = {
        "environment": ENV,
        "version": 900,
        "made_at": NOW - HOUR,
        "size": 60_000,
        "trust_keys_version": 7,
        "voided": frozenset({201, 40_201}),
        "unreleased": frozenset({202, 59_999}),
        "revoked": frozenset({203, 204, 40_203}),
        "superseded": frozenset({205, 20_000}),
        "suspended": frozenset({206}),
    }
    return Status(**ordinary | changed)


def signed_file(payload: bytes, *keys: SeedKey, env: str = ENV, kind: Kind = Kind.TRUST_KEYS) -> bytes:
    """Return a payload with detached signatures."""
    return SignedFile(payload, tuple(key.detached(payload, kind, env) for key in keys)).to_bytes()
