"""Who is calling: established by the door before any view runs, and all that a view knows of him."""

from dataclasses import dataclass
from typing import cast

from flask import g
from werkzeug.exceptions import Unauthorized

from registry.people.accounts import Purpose
from registry.people.permission import Actor


@dataclass(frozen=True, slots=True)
class Caller:
    """An account of one body, and the enrolled key that signed its request."""

    actor: Actor
    issuer: str
    key_id: bytes
    purpose: Purpose


def current_body() -> Caller:
    """Return who signed the request that is being answered. Raises ``Unauthorized`` where no door has said so."""
    caller = g.get("caller")
    if caller is None:
        raise Unauthorized
    return cast(Caller, caller)
