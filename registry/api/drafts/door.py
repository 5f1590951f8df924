"""The door of the drafts, and what its views reach through it."""

from datetime import datetime
from typing import Final

from flask import current_app, request

from registry.api.caller import current_body
from registry.api.door import guard
from registry.api.problems import refused
from registry.api.strict_json import StrictBlueprint
from registry.draft.author import Author
from registry.errors import RegistryError
from registry.installation import Installation

UPLOAD_BYTES: Final = 32 << 20
"""Results and photos in one request; larger archives come in parts."""
_FORM_PARTS: Final = 4

drafts = StrictBlueprint("drafts", "drafts", url_prefix="/v1", description="报送草稿")
drafts.register_error_handler(RegistryError, refused)


@drafts.before_request
def _allow_photos() -> None:
    # Before the signature, because that reads the content.
    if request.path == "/v1/drafts":
        request.max_content_length, request.max_form_parts = UPLOAD_BYTES, _FORM_PARTS


guard(drafts)


def author() -> Author:
    """Return the caller as the drafts know him."""
    caller = current_body()
    return Author(caller.actor, caller.issuer, caller.key_id)


def installation() -> Installation:
    """Return what the application works with."""
    found: Installation = current_app.extensions["certreg"]
    return found


def now() -> datetime:
    """Return the present instant, read once by each view."""
    at: datetime = current_app.extensions["certreg_now"]()
    return at
