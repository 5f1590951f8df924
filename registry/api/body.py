"""A request's content, whole or not at all."""

from flask import Request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge


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
