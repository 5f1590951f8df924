"""Refusals of the access room. Each has a ``code`` that programs may rely on.

RegistryError
├── RequestNotSigned    the request's signature is missing, wrong, or its key does not count
├── WrongPurpose        the signature holds, and the key is for something else than this
├── NotThere            nothing is there for this body: it never was, or it is another body's
├── TooManyRequests     the body, or the address, has asked too often
├── TooManyAtOnce       an answer that takes long is being made for the body, or for too many others
├── BadIdempotencyKey   the header is not what its draft standard says
├── KeyReused           the body used this Idempotency-Key for another request
└── StillWorking        the same request is being worked on
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from registry.errors import RegistryError


class SignatureFault(StrEnum):
    """What is wrong with a request's signature (RFC 9421); stable, part of the API."""

    MISSING = "signature_missing"
    MALFORMED = "signature_malformed"
    TWO_SIGNATURES = "two_signatures"
    WRONG_TAG = "wrong_tag"
    COMPONENT_MISSING = "component_missing"
    TOO_OLD = "too_old"
    FROM_THE_FUTURE = "from_the_future"
    EXPIRED = "expired"
    UNKNOWN_KEY = "unknown_key"
    SIGNATURE_INVALID = "signature_invalid"
    WRONG_PURPOSE = "wrong_purpose"
    KEY_REVOKED = "key_revoked"
    KEY_EXPIRED = "key_expired"
    NO_BODY = "no_body"
    REPLAYED = "replayed"
    DIGEST_MISMATCH = "digest_mismatch"


class RequestNotSigned(RegistryError):
    """The request is not signed as it must be; the text says what to do, ``evidence`` lets a programmer compare."""

    def __init__(self, fault: SignatureFault, why: str, **evidence: Any) -> None:
        super().__init__(why)
        self.code = str(fault)
        self.fault = fault
        self.evidence: Mapping[str, Any] = evidence


class WrongPurpose(RegistryError):
    """The key counts, for something else than what was asked."""

    code = "wrong_purpose"

    def __init__(self, key_id: bytes, purpose: str, needed: str) -> None:
        super().__init__(f"key {key_id.hex()} is for {purpose}; sign this request with a key for {needed}")
        self.key_id = key_id
        self.purpose = purpose
        self.needed = needed


class NotThere(RegistryError):
    """There is nothing of this name for this body.

    The text is the same whether it never was or is another body's, so that nobody can ask what others have.
    """

    code = "not_there"

    def __init__(self) -> None:
        super().__init__("your body has nothing of this name here; check the identifier")


class TooManyRequests(RegistryError):
    """A limit is used up until the minute is over."""

    code = "too_many_requests"

    def __init__(self, limit: int, wait_seconds: int, *, failed: bool = False) -> None:
        what = "requests of this address that failed" if failed else "requests of your body"
        super().__init__(f"the limit of {limit} {what} a minute is used up; come again in {wait_seconds} s")
        self.limit = limit
        self.wait_seconds = wait_seconds


class TooManyAtOnce(RegistryError):
    """There is no place for one more answer that takes long."""

    code = "too_many_at_once"
    wait_seconds = 5

    def __init__(self) -> None:
        super().__init__(
            "an answer of this kind is being sent to your body, or to as many others as there is room for; "
            f"wait until yours has come, or come again in {self.wait_seconds} s"
        )


class BadIdempotencyKey(RegistryError):
    """The header Idempotency-Key can not be read."""

    code = "bad_idempotency_key"

    def __init__(self) -> None:
        super().__init__(
            'write Idempotency-Key as one quoted string of 8 to 128 characters, for example "'
            'b5f2a9c4-8a0b-4b7e-9a77-0b8a6a3f9d11"'
        )


class KeyReused(RegistryError):
    """The same Idempotency-Key came with another request."""

    code = "idempotency_conflict"

    def __init__(self) -> None:
        super().__init__(
            "this Idempotency-Key was used for another request (method, path or content differ); "
            "make a new one for each thing you do, and repeat it only with the very same request"
        )


class StillWorking(RegistryError):
    """The first request of this Idempotency-Key has no answer yet."""

    code = "idempotency_in_progress"

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(
            f"the first request of this Idempotency-Key is being worked on; ask again in {wait_seconds} s"
        )
        self.wait_seconds = wait_seconds
