"""Refusals of the people room.

RegistryError
├── NotPermitted            this actor may not do this here
│   └── ConflictOfInterest  … because the same person acted in an earlier step
├── UnknownKey              no enrolled key has this key id
├── KeyNotValid             the enrolled key is revoked, expired, or for another purpose
├── KeyAlreadyEnrolled      the key, or another with its key id, is enrolled already
├── KeyRefused              a body may not have this key enrolled
│   └── PossessionNotShown  … because nothing shows that its sender holds it
├── NoSuchKey               the body has no key of this id
└── LastAdministrationKey   without this key nobody of the body could manage its keys
"""

from enum import StrEnum

from registry.errors import RegistryError


class NotPermitted(RegistryError):
    """The actor holds no role that allows this act in this scope."""

    def __init__(self, actor: str, act: str, scope: str) -> None:
        super().__init__(f"{actor} may not {act} in {scope}")
        self.actor = actor
        self.act = act
        self.scope = scope


class ConflictOfInterest(NotPermitted):
    """One person may act only once on a submission: submitter and reviewers are four people."""


class UnknownKey(RegistryError):
    """A signature names a key that nobody enrolled."""

    def __init__(self, key_id: bytes) -> None:
        super().__init__(f"no key {key_id.hex()} is enrolled")
        self.key_id = key_id


class KeyNotValid(RegistryError):
    """The key is known, but its signature does not count for this purpose on this day."""

    def __init__(self, key_id: bytes, fault: "KeyFault", why: str) -> None:
        super().__init__(f"key {key_id.hex()} does not count: {why}")
        self.key_id = key_id
        self.fault = fault
        self.why = why


class KeyFault(StrEnum):
    """Why an enrolled key does not count."""

    PURPOSE = "purpose"
    REVOKED = "revoked"
    DAYS = "days"


class KeyAlreadyEnrolled(RegistryError):
    """The key, or another one with the same key id, is enrolled already."""

    def __init__(self, key_id: bytes) -> None:
        super().__init__(f"a key with id {key_id.hex()} is enrolled already; make a new key")
        self.key_id = key_id


class KeyRefused(RegistryError):
    """The key can not be enrolled for this body; the text says what to change."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the key is not enrolled: {why}")
        self.why = why


class PossessionNotShown(KeyRefused):
    """The proof of possession does not hold: whoever sends a public key may have it from somebody else."""

    code = "possession_not_shown"

    def __init__(self, expected: bytes) -> None:
        super().__init__(
            "the proof of possession does not hold; sign exactly these bytes with the new key (in hex): "
            + expected.hex()
        )
        self.expected = expected


class NoSuchKey(RegistryError):
    """The body has no key of this id; another body's key looks the same."""

    code = "not_there"

    def __init__(self, key_id: str) -> None:
        super().__init__(f"your body has no key {key_id}; GET /v1/keys lists those that it has")
        self.key_id = key_id


class LastAdministrationKey(RegistryError):
    """The body's last administration key would be revoked, and after it only the register's operator could help."""

    def __init__(self, key_id: bytes) -> None:
        super().__init__(
            f"key {key_id.hex()} is the last valid administration key of the body: have another one enrolled first, or "
            "confirm with confirm_last=true; after that only the register's operator can enrol keys for the body"
        )
        self.key_id = key_id
