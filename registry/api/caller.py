"""The caller of this request, as the door found him (``registry.api.door``); views ask for nothing more."""

from typing import cast

from flask import g

from registry.access.caller import Caller as Caller


def current_body() -> Caller:
    """Return who signed this request. Behind a door (``door.guard``) there is always one."""
    return cast(Caller, g.caller)
