"""Who acts for an assessment body at a door that its system came through: the account, the body, the key."""

from dataclasses import dataclass

from registry.people.permission import Actor


@dataclass(frozen=True, slots=True)
class Representative:
    """The door has established all three; ``issuer`` is the one body that everything is read and done for.

    ``key_id`` is the enrolled key that signed what is asked: a request to the API, or a submission.
    """

    actor: Actor
    issuer: str
    key_id: bytes
