"""What a decoding process says: the photo's bytes, or a code with what was seen. Nothing that it says is unpickled.

A process that was taken over by what it decoded can say here what it likes: it is held to the form that is kept, and to
the codes that there are.
"""

import re
from typing import Final

from registry.photo.errors import PhotoFault, PhotoRefused
from registry.photo.measure import MAX_BYTES
from registry.photo.photo import Photo, photo_of

READY: Final = b"ready"
MAX_ANSWER_BYTES: Final = MAX_BYTES + 16
_PHOTO: Final = b"photo "
_REFUSED: Final = b"refused "
_SEEN: Final = re.compile(r"[0-9A-Za-z 一-鿿×.]{0,40}")


class NoAnswer(Exception):
    """A decoding process said something that is no answer; it is not believed any more."""


def answer_of(outcome: Photo | PhotoRefused) -> bytes:
    """Return the message for an outcome."""
    if isinstance(outcome, Photo):
        return _PHOTO + outcome.jpeg
    return _REFUSED + f"{outcome.code} {outcome.seen}".encode()


def read_answer(message: bytes) -> Photo | PhotoRefused:
    """Return what a message says; raises ``NoAnswer`` for what an honest process would not say."""
    try:
        if message.startswith(_PHOTO):
            return photo_of(message.removeprefix(_PHOTO))
        code, _, seen = message.removeprefix(_REFUSED).decode().partition(" ")
        fault = PhotoFault(code)
    except (PhotoRefused, ValueError):
        raise NoAnswer from None
    if not message.startswith(_REFUSED) or not _SEEN.fullmatch(seen):
        raise NoAnswer
    return PhotoRefused(fault, seen)
