"""Every refusal of the package.

::

    SigningError
    ├── FormatError                 the bytes are not what formats.md describes
    │   ├── Malformed
    │   ├── DeltaMisfit             a delta of the status file that does not apply to the status at hand
    │   └── UnknownVersion          our container, of a version that this verifier does not know
    ├── FreshnessOutOfBounds        how old a status may be, set to what no verifier should take
    ├── NumberMisfit                a number that its numbering profile can not hold
    ├── InadmissibleKey             32 bytes that are no public key we would use
    ├── NotEntitled                 a key that the roster does not entitle to what it signed
    ├── NotSignedByCustodians       too few custodians signed a file; no verdict rests on one
    ├── LogRefused                  a checkpoint, proof or tree of the public log that can not be believed
    ├── DistributionRefused         metadata or files of a distribution; ``reason`` is a code of formats.md §12
    └── VerificationError           the bytes are well formed, but prove nothing; ``reason`` says why
        ├── NotSignedByRoot
        ├── WrongEnvironment
        ├── UnknownKey
        ├── BadSignature
        ├── WrongKeyKind
        ├── OutsideKeyRange
        ├── AfterKeyEnd
        └── KeyDistrusted

``signing.offline`` adds a branch of its own, ``WrongUse``. Errors are inert: they log nothing and know
nothing of HTTP.
"""

from enum import StrEnum
from typing import ClassVar


class SigningError(Exception):
    """Any refusal of this package."""


class FormatError(SigningError):
    """The bytes or values are not what ``docs/formats.md`` describes."""


class Malformed(FormatError):
    """Not exactly the grammar: our encoder would not have written this."""


class DeltaMisfit(FormatError):
    """A delta that does not apply to the status at hand: another environment, too old, or newer than it leads to."""


class UnknownVersion(FormatError):
    """Our container around a payload of a version that this verifier does not know."""

    def __init__(self, version: int) -> None:
        super().__init__(f"payload of unknown version {version}")
        self.version = version


class FreshnessOutOfBounds(SigningError):
    """A policy that takes a status of any age, or notes its age when it is too old already."""

    def __init__(self, note_days: int, max_days: int) -> None:
        super().__init__(
            f"a note from {note_days} days on and a limit of {max_days} days: write whole days, the note at least 1, "
            "the limit not below the note and at most 365"
        )
        self.note_days = note_days
        self.max_days = max_days


class NumberMisfit(SigningError):
    """A certificate number that does not fit its numbering profile."""

    def __init__(self, profile: str, number: str) -> None:
        super().__init__(f"{number!r} is not a number of profile {profile}")
        self.profile = profile
        self.number = number


class InadmissibleKey(SigningError):
    """A public key that is not a canonical point of prime order."""


class NotEntitled(SigningError):
    """The roster of decision keys does not entitle the key to this duty, in this place, at this time."""

    def __init__(self, key_id: bytes, duty: str, why: str) -> None:
        super().__init__(f"key {key_id.hex()} has no duty '{duty}': {why}")
        self.key_id = key_id
        self.duty = duty
        self.why = why


class NotSignedByCustodians(SigningError):
    """Fewer different custodians in good standing signed the file than are needed; no verdict rests on one."""

    def __init__(self, *, signed: int, threshold: int) -> None:
        super().__init__(f"signed by {signed} custodians in good standing, {threshold} needed")
        self.signed = signed
        self.threshold = threshold


class LogRefused(SigningError):
    """A checkpoint, a proof or a tree of the public log can not be believed; the text says why."""


class Refusal(StrEnum):
    """Why a distribution is refused; the stable codes of formats.md §12."""

    UNREACHABLE = "unreachable"
    NOT_A_REPOSITORY = "not_a_repository"
    INCOMPLETE = "incomplete"
    TOO_LARGE = "too_large"
    MALFORMED_METADATA = "malformed_metadata"
    WRONG_ENVIRONMENT = "wrong_environment"
    WRONG_ROOT = "wrong_root"
    ROOT_OUT_OF_ORDER = "root_out_of_order"
    THRESHOLD_NOT_MET = "threshold_not_met"
    EXPIRED = "expired"
    ROLLBACK = "rollback"
    MIX_AND_MATCH = "mix_and_match"
    WRONG_DELEGATION = "wrong_delegation"
    WRONG_LENGTH_OR_HASH = "wrong_length_or_hash"
    UNUSABLE_FILE = "unusable_file"
    NOT_KEPT = "not_kept"


class DistributionRefused(SigningError):
    """A distribution can not be believed, or not be had. ``about`` is the file or role that showed it."""

    def __init__(self, reason: Refusal, about: str) -> None:
        super().__init__(f"{reason}: {about}")
        self.reason = reason
        self.about = about


class VerificationError(SigningError):
    """Well formed, but not proven. ``reason`` is the stable code of formats.md §8."""

    reason: ClassVar[str]


class NotSignedByRoot(VerificationError):
    """Fewer different root keys signed the file than the pinned root asks for."""

    reason = "no_trust_bundle"

    def __init__(self, *, signed: int, threshold: int) -> None:
        super().__init__(f"signed by {signed} root keys, {threshold} needed")
        self.signed = signed
        self.threshold = threshold


class WrongEnvironment(VerificationError):
    """Made for another environment than the verifier's own."""

    reason = "wrong_environment"

    def __init__(self, *, found: str, expected: str) -> None:
        super().__init__(f"made for environment {found!r}, expected {expected!r}")
        self.found = found
        self.expected = expected


class UnknownKey(VerificationError):
    """The key id is not in the trust bundle, or not that of the expected key."""

    reason = "unknown_key"

    def __init__(self, key_id: bytes) -> None:
        super().__init__(f"unknown key id {key_id.hex()}")
        self.key_id = key_id


class BadSignature(VerificationError):
    """The signature does not hold under the strict Ed25519 rule."""

    reason = "bad_signature"

    def __init__(self) -> None:
        super().__init__("the signature does not hold")


class WrongKeyKind(VerificationError):
    """The key is admitted for another kind of content."""

    reason = "wrong_key_kind"

    def __init__(self, *, found: str, expected: str) -> None:
        super().__init__(f"key of kind {found}, expected {expected}")
        self.found = found
        self.expected = expected


class OutsideKeyRange(VerificationError):
    """The entry lies outside the range that the key was admitted for."""

    reason = "outside_key_range"

    def __init__(self, *, entry: int, first: int, last: int) -> None:
        super().__init__(f"entry {entry} is outside {first}..{last}")
        self.entry = entry
        self.first = first
        self.last = last


class AfterKeyEnd(VerificationError):
    """The issue date is later than the key's last day."""

    reason = "after_key_end"


class KeyDistrusted(VerificationError):
    """The key is distrusted and the bytes are not in its honest list."""

    reason = "key_distrusted"

    def __init__(self, key_id: bytes) -> None:
        super().__init__(f"key {key_id.hex()} is distrusted")
        self.key_id = key_id
