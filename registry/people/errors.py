"""Refusals of the people room.

RegistryError
├── NotPermitted            this actor may not do this here
│   └── ConflictOfInterest  … because the same person acted in an earlier step
├── UnknownKey              no enrolled key has this key id
├── KeyNotValid             the enrolled key is revoked, expired, or for another purpose
└── KeyAlreadyEnrolled      the key, or another with its key id, is enrolled already
"""

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

    def __init__(self, key_id: bytes, why: str) -> None:
        super().__init__(f"key {key_id.hex()} does not count: {why}")
        self.key_id = key_id
        self.why = why


class KeyAlreadyEnrolled(RegistryError):
    """The key, or another one with the same key id, is enrolled already."""

    def __init__(self, key_id: bytes) -> None:
        super().__init__(f"a key with id {key_id.hex()} is enrolled already; make a new key")
        self.key_id = key_id
