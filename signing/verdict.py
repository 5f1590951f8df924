"""The verdict: what may be said of a token today (formats.md §8).

The one place where it is decided, in the total order of the table; the page's verifier is the same table in
JavaScript, held to this one by ``tests/vectors/tokens.json``. No doubt is ever ``valid``: what can not be
shown is ``cannot_tell``, and what is shown to be wrong is ``not_genuine``.

No clock and no file is read here; ``now`` and the files' bytes are passed in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from signing.errors import (
    FormatError,
    SigningError,
    UnknownKey,
    UnknownVersion,
    VerificationError,
    WrongEnvironment,
)
from signing.freshness import Freshness
from signing.root import Root
from signing.statement import Statement
from signing.status import Status, open_status
from signing.token import SealedToken, require_scope
from signing.trust import TrustKeys, open_trust_keys

YOUNG: Final = timedelta(hours=24)
CLOCK_TOLERANCE: Final = timedelta(minutes=10)


class Verdict(StrEnum):
    """The answer."""

    VALID = "valid"
    SUSPENDED = "suspended"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"
    NOT_GENUINE = "not_genuine"
    CANNOT_TELL = "cannot_tell"


class Reason(StrEnum):
    """Why; stable codes."""

    MALFORMED = "malformed"
    UNKNOWN_VERSION = "unknown_version"
    NO_TRUST_BUNDLE = "no_trust_bundle"
    WRONG_ENVIRONMENT = "wrong_environment"
    TRUST_BUNDLE_EXPIRED = "trust_bundle_expired"
    UNKNOWN_KEY = "unknown_key"
    KEY_NOT_KNOWN_YET = "key_not_known_yet"
    BAD_SIGNATURE = "bad_signature"
    WRONG_KEY_KIND = "wrong_key_kind"
    OUTSIDE_KEY_RANGE = "outside_key_range"
    AFTER_KEY_END = "after_key_end"
    KEY_DISTRUSTED = "key_distrusted"
    NO_STATUS = "no_status"
    STATUS_NOT_VERIFIABLE = "status_not_verifiable"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    NOT_ISSUED = "not_issued"
    NOT_RELEASED = "not_released"
    NEWER_THAN_STATUS = "newer_than_status"
    TRUST_BUNDLE_OUTDATED = "trust_bundle_outdated"
    STATUS_TOO_OLD = "status_too_old"
    CLOCK_BEHIND_STATUS = "clock_behind_status"
    SUSPENDED = "suspended"
    VALID = "valid"


@dataclass(frozen=True, slots=True)
class PublicState:
    """The verifier's own environment and the public files that it could verify.

    ``trust`` is ``None`` without a ``trust-keys`` that the pinned root signed; ``foreign`` says that there
    was one, but that it or the root is of another environment. ``status`` is ``None`` without a verifiable
    one, and ``status_refused`` says that there was a file.
    """

    environment: str
    trust: TrustKeys | None
    status: Status | None
    status_refused: bool
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and its reason.

    ``statement`` is ``None`` unless the signature held. ``as_of`` is when the status was made that the
    verdict rests on, ``None`` if it rests on none; ``stale`` says that this status was old enough for a note.
    """

    verdict: Verdict
    reason: Reason
    as_of: datetime | None = None
    statement: Statement | None = None
    stale: bool = False


def open_public_state(
    root: Root, keys_file: bytes | None, status_file: bytes | None, *, environment: str
) -> PublicState:
    """Verify the public files once, for many tokens. Never raises: a file in doubt is no file."""
    if keys_file is None:
        return PublicState(environment, None, None, status_refused=False)
    try:
        trust = open_trust_keys(keys_file, root)
    except WrongEnvironment:
        return PublicState(environment, None, None, status_refused=False, foreign=True)
    except SigningError:
        return PublicState(environment, None, None, status_refused=False)
    if status_file is None:
        return PublicState(environment, trust, None, status_refused=False)
    try:
        return PublicState(environment, trust, open_status(status_file, trust), status_refused=False)
    except SigningError:
        return PublicState(environment, trust, None, status_refused=True)


def judge(
    token: bytes, state: PublicState, *, now: datetime, freshness: Freshness = Freshness()
) -> Judgement:
    """Return what may be said of a token at ``now`` (aware): the first line of formats.md §8 that applies.

    ``freshness`` is how old a status the verifier takes for an answer.
    """
    # 1. Is it a token?
    try:
        sealed = SealedToken.from_bytes(token)
    except UnknownVersion:
        return Judgement(Verdict.CANNOT_TELL, Reason.UNKNOWN_VERSION)
    except FormatError:
        return Judgement(Verdict.NOT_GENUINE, Reason.MALFORMED)
    # 2. Have we a trust bundle for our environment, of today?
    trust = state.trust
    if state.foreign or (trust is not None and trust.environment != state.environment):
        return Judgement(Verdict.CANNOT_TELL, Reason.WRONG_ENVIRONMENT)
    if trust is None:
        return Judgement(Verdict.CANNOT_TELL, Reason.NO_TRUST_BUNDLE)
    if now >= trust.expires_at:
        return Judgement(Verdict.CANNOT_TELL, Reason.TRUST_BUNDLE_EXPIRED)
    try:
        # 3. Do we know the key?
        key = trust.key(sealed.key_id)
        # 4. Does the signature hold?
        statement = sealed.open(key, environment=state.environment)
    except UnknownKey:
        return _of_unknown_key(trust, state.status, now)
    except VerificationError as refusal:
        return Judgement(Verdict.NOT_GENUINE, Reason(refusal.reason))
    # 5. Was the key allowed to sign this?
    try:
        require_scope(token, statement, key, trust)
    except VerificationError as refusal:
        return Judgement(Verdict.NOT_GENUINE, Reason(refusal.reason), statement=statement)
    # 6. Have we a status?
    status = state.status
    if status is None:
        reason = Reason.STATUS_NOT_VERIFIABLE if state.status_refused else Reason.NO_STATUS
        return Judgement(Verdict.CANNOT_TELL, reason, statement=statement)
    # 7 to 11. What does it say of this entry?
    age = now - status.made_at
    verdict, reason = _by_status(statement.entry, status, trust, age, freshness)
    stale = freshness.is_stale(age)
    return Judgement(verdict, reason, as_of=status.made_at, statement=statement, stale=stale)


def _of_unknown_key(trust: TrustKeys, status: Status | None, now: datetime) -> Judgement:
    """Line 3: a key is known to be none of ours only if this ``trust-keys`` is known to be current."""
    if status is None or status.trust_keys_version != trust.version:
        return Judgement(Verdict.CANNOT_TELL, Reason.KEY_NOT_KNOWN_YET)
    if not -CLOCK_TOLERANCE <= now - status.made_at < YOUNG:
        return Judgement(Verdict.CANNOT_TELL, Reason.KEY_NOT_KNOWN_YET)
    return Judgement(Verdict.NOT_GENUINE, Reason.UNKNOWN_KEY, as_of=status.made_at)


def _by_status(
    entry: int, status: Status, trust: TrustKeys, age: timedelta, freshness: Freshness
) -> tuple[Verdict, Reason]:
    # 7. What is final, whatever the status's age.
    if entry in status.revoked:
        return Verdict.REVOKED, Reason.REVOKED
    if entry in status.superseded:
        return Verdict.SUPERSEDED, Reason.SUPERSEDED
    # 8. What is not, or not yet, a certificate.
    if entry in status.voided:
        return Verdict.NOT_GENUINE, Reason.NOT_ISSUED
    if entry in status.unreleased:
        return Verdict.CANNOT_TELL, Reason.NOT_RELEASED
    if entry > status.size:
        return Verdict.CANNOT_TELL, Reason.NEWER_THAN_STATUS
    # 9. What the trust bundle or the status is too old, or the clock too late, to say. A newer bundle may distrust
    #    the key that signed.
    if status.trust_keys_version > trust.version:
        return Verdict.CANNOT_TELL, Reason.TRUST_BUNDLE_OUTDATED
    if freshness.is_too_old(age):
        return Verdict.CANNOT_TELL, Reason.STATUS_TOO_OLD
    if age < -CLOCK_TOLERANCE:
        return Verdict.CANNOT_TELL, Reason.CLOCK_BEHIND_STATUS
    # 10. Suspension can be lifted, so an old status says nothing of it. 11. Nothing stands against it.
    if entry in status.suspended:
        return Verdict.SUSPENDED, Reason.SUSPENDED
    return Verdict.VALID, Reason.VALID
