"""The token: a statement and the signature that makes it a certificate (formats.md §3).

A statement comes out of here only when its signature holds, so that no caller reads claims that nobody made.
Status and freshness are not asked here: see ``verdict.judge``.
"""

import hashlib
from typing import Self

from signing import cose
from signing.cose import Envelope, Kind
from signing.errors import AfterKeyEnd, KeyDistrusted, Malformed, OutsideKeyRange, WrongKeyKind
from signing.statement import Statement, require_known_version
from signing.trust import HONEST_DIGEST_SIZE, KeyEntry, TrustKeys


class SealedToken:
    """A well-formed token whose signature has not been checked; it does not show its statement."""

    __slots__ = ("_envelope", "_statement", "_token")

    def __init__(self, token: bytes, envelope: Envelope, statement: Statement) -> None:
        self._token = token
        self._envelope = envelope
        self._statement = statement

    @classmethod
    def from_bytes(cls, token: bytes) -> Self:
        """Read a token; ``UnknownVersion`` for our container in another version, else ``Malformed``."""
        try:
            envelope = Envelope.from_bytes(token)
        except Malformed:
            # A later version may bring another suite: another alg, another length of signature.
            require_known_version(cose.payload_of_any_suite(token))
            raise
        if envelope.payload is None:
            raise Malformed("token without payload")
        return cls(token, envelope, Statement.from_bytes(envelope.payload))

    @property
    def key_id(self) -> bytes:
        """The key that is said to have signed."""
        return self._envelope.key_id

    def open(self, key: KeyEntry, *, environment: str) -> Statement:
        """Return the statement if the key signed it for this environment; ``BadSignature`` otherwise."""
        signed = self._envelope.signed_bytes(environment, Kind.CERTIFICATE)
        key.verifier.verify(self._envelope.signature, signed)
        return self._statement


def open_token(token: bytes, trust: TrustKeys) -> Statement:
    """Return the statement if, and only if, a trusted key made the token and was allowed to.

    Raises ``FormatError`` or a ``VerificationError`` on any doubt.
    """
    # 1. Is it one of ours, in the one form we write?
    sealed = SealedToken.from_bytes(token)
    # 2. Do we know the key?
    key = trust.key(sealed.key_id)
    # 3. Does the signature hold, in the environment of the trust bundle?
    statement = sealed.open(key, environment=trust.environment)
    # 4. Was the key allowed to say this?
    require_scope(token, statement, key, trust)
    return statement


def require_scope(token: bytes, statement: Statement, key: KeyEntry, trust: TrustKeys) -> None:
    """Refuse a statement that its key was not, or is no longer, allowed to sign (formats.md §8, line 5)."""
    if key.kind != Kind.CERTIFICATE:
        raise WrongKeyKind(found=key.kind, expected=Kind.CERTIFICATE)
    if not key.first_entry <= statement.entry <= key.last_entry:
        raise OutsideKeyRange(entry=statement.entry, first=key.first_entry, last=key.last_entry)
    if statement.issued_on > key.last_on:
        raise AfterKeyEnd(f"issued on {statement.issued_on}, the key ended on {key.last_on}")
    if key.key_id in trust.tombstones and honest_digest(token) not in trust.honest.get(key.key_id, ()):
        raise KeyDistrusted(key.key_id)


def statement_to_be_signed(statement: Statement, *, key_id: bytes, environment: str) -> bytes:
    """Return the exact bytes that the issuing key signs; ``cose.assemble`` makes the token of its answer."""
    return cose.to_be_signed(
        key_id=key_id, payload=statement.to_bytes(), environment=environment, kind=Kind.CERTIFICATE
    )


def honest_digest(token: bytes) -> bytes:
    """Return the first 16 bytes of SHA-256 of a token, its line in an honest list."""
    return hashlib.sha256(token).digest()[:HONEST_DIGEST_SIZE]
