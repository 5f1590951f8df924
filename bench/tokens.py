"""Tokens: what verifying and signing cost beside the bare Ed25519 of ``cryptography`` over the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.comparison import compare, cpu_rate_of
from bench.report import Floor, Report
from registry.directory.profiles import load_profiles
from signing import cose
from signing.cose import Kind
from signing.signed_bytes import token_of_signed_bytes
from signing.statement import Level, Occupation, Statement
from signing.token import open_token, statement_to_be_signed
from signing.trust import KeyEntry, TrustKeys

ENVIRONMENT = "bench"
SAMPLE = 200
"""Tokens of one measurement: few, so that the turns alternate quickly."""
REPEATS = 50
TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
NAMES = ("张小明", "欧阳若曦", "李四", "买买提江·艾合买提", "𬭸䶮", "王大力")

FLOORS = (
    Floor("verify one token", "1 verification", "1 verification; 1 SHA-256 if its key is distrusted"),
    Floor("sign one statement", "1 signature", "1 signature"),
)
NOTES = (
    "In CPU time, so that other work of the machine is not counted.",
    "A key is admitted when the trust bundle is opened, once; that is not in these figures.",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """An issuing key, the trust bundle that names it, and statements with their tokens, all different."""

    private: Ed25519PrivateKey
    trust: TrustKeys
    statements: Sequence[Statement]
    to_be_signed: Sequence[bytes]
    signatures: Sequence[bytes]
    tokens: Sequence[bytes]


def measure() -> Report:
    """Measure verifying a token and signing a statement."""
    sample = make_sample()
    verify = compare(
        "verify a token (open_token)",
        lambda: cpu_rate_of(lambda: open_all(sample), count=SAMPLE),
        against="verify the same bytes",
        baseline=lambda: cpu_rate_of(lambda: verify_bytes(sample), count=SAMPLE),
        unit="/s",
        repeats=REPEATS,
        aim=0.85,
    )
    sign = compare(
        "sign with encoding",
        lambda: cpu_rate_of(lambda: sign_all(sample), count=SAMPLE),
        against="sign the same bytes",
        baseline=lambda: cpu_rate_of(lambda: sign_bytes(sample), count=SAMPLE),
        unit="/s",
        repeats=REPEATS,
        aim=0.60,
    )
    read_back = compare(
        "sign what was stored (read back, sign, assemble)",
        lambda: cpu_rate_of(lambda: sign_stored(sample), count=SAMPLE),
        against="sign the same bytes",
        baseline=lambda: cpu_rate_of(lambda: sign_bytes(sample), count=SAMPLE),
        unit="/s",
        repeats=REPEATS,
    )
    return Report("Tokens", [verify, sign, read_back], FLOORS, NOTES)


def open_all(sample: Sample) -> None:
    """Open every token."""
    for token in sample.tokens:
        open_token(token, sample.trust)


def verify_bytes(sample: Sample) -> None:
    """Verify the same signatures and nothing else."""
    verify = sample.private.public_key().verify
    for signature, data in zip(sample.signatures, sample.to_be_signed, strict=True):
        verify(signature, data)


def sign_all(sample: Sample) -> None:
    """From each statement to its token: encode, sign the exact bytes, put the envelope around them."""
    (key_id,) = sample.trust.keys
    sign = sample.private.sign
    for statement in sample.statements:
        payload = statement.to_bytes()
        data = cose.to_be_signed(
            key_id=key_id, payload=payload, environment=ENVIRONMENT, kind=Kind.CERTIFICATE
        )
        cose.assemble(key_id=key_id, payload=payload, signature=sign(data))


def sign_stored(sample: Sample) -> None:
    """From stored bytes to the token, as the register does in its second step."""
    sign = sample.private.sign
    for data in sample.to_be_signed:
        token_of_signed_bytes(data, sign(data))


def sign_bytes(sample: Sample) -> None:
    """Sign the same bytes and nothing else."""
    sign = sample.private.sign
    for data in sample.to_be_signed:
        sign(data)


def make_sample() -> Sample:
    """Make a key, its trust bundle, and the tokens."""
    private = Ed25519PrivateKey.generate()
    trust = make_trust(private)
    (key_id,) = trust.keys
    statements = [make_statement(serial) for serial in range(1, SAMPLE + 1)]
    to_be_signed = [
        statement_to_be_signed(item, key_id=key_id, environment=ENVIRONMENT) for item in statements
    ]
    signatures = [private.sign(data) for data in to_be_signed]
    tokens = [token_of_signed_bytes(*pair) for pair in zip(to_be_signed, signatures, strict=True)]
    return Sample(private, trust, statements, to_be_signed, signatures, tokens)


def make_trust(private: Ed25519PrivateKey) -> TrustKeys:
    """Return a trust bundle with one issuing key."""
    return trust_of(private.public_key().public_bytes_raw())


def trust_of(public: bytes) -> TrustKeys:
    """Return a trust bundle with the issuing key of these 32 bytes."""
    entry = KeyEntry(Kind.CERTIFICATE, public, 1, 50_000, TODAY + timedelta(days=180))
    return TrustKeys(
        environment=ENVIRONMENT,
        version=1,
        made_at=NOW,
        expires_at=NOW + timedelta(days=365),
        salt=bytes(16),
        keys={entry.key_id: entry},
        profiles={profile.code: profile for profile in load_profiles().layouts},
        tombstones={},
        honest={},
    )


def make_statement(serial: int) -> Statement:
    """Return an ordinary statement; serial and entry are the same number."""
    return Statement(
        entry=serial,
        number=load_profiles().issuing.packed(f"S000121000001263{serial:06d}"),
        holder_name=NAMES[serial % len(NAMES)],
        id_check=serial % 4096,
        occupation=Occupation(2, 2021011),
        direction=serial % 2 or None,
        level=Level.SENIOR,
        issued_on=TODAY,
    )
