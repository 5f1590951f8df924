"""A request's content, whole or not at all."""

from collections.abc import Sequence

from flask import Request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from registry.assessment.errors import UnsupportedMediaType


def content_of(request: Request) -> bytes:
    """Return the content as it came, undecoded; it is read once and kept.

    Raises ``RequestEntityTooLarge``, or ``BadRequest`` where less came than was announced.
    """
    content = request.get_data()
    if request.content_length is None and len(content) == request.max_content_length:
        # Sent in chunks and cut off at the limit by the library, without a word.
        raise RequestEntityTooLarge
    if request.content_length is not None and len(content) != request.content_length:
        raise BadRequest
    return content


def require_identity(request: Request, supported: Sequence[str]) -> None:
    """Return if the content is in no coding such as gzip, else raise ``UnsupportedMediaType``.

    What is signed is the content; in another coding it would be another content, and might be a large one.
    """
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding != "identity":
        raise UnsupportedMediaType(f"{request.mimetype} in the coding {coding[:16]}", supported)
