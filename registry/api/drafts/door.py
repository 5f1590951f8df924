"""The door of the drafts: who signed as an access key of a body, and larger requests where photos may come along."""

from typing import Final

from flask import request

from registry.api.door import guard
from registry.api.strict_json import StrictBlueprint

UPLOAD_BYTES: Final = 32 << 20
"""Results and photos in one request; larger archives come in parts."""
_FORM_PARTS: Final = 4

drafts = StrictBlueprint("drafts", "drafts", url_prefix="/v1", description="报送草稿")


@drafts.before_request
def _allow_photos() -> None:
    # Before the signature, because that reads the content.
    if request.path == "/v1/drafts":
        request.max_content_length, request.max_form_parts = UPLOAD_BYTES, _FORM_PARTS


guard(drafts)
