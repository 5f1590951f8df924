"""Find the token that a certificate's PDF carries as an attached file.

Not a PDF reader: it follows no cross-reference and no object, so neither a damaged nor a hostile file leads
it anywhere. It looks at the beginning of every stream, inflated where it is deflated, and keeps what begins
like our container. A token is small: of each stream no more is inflated than a token may have, which leaves
nothing for a decompression bomb to do.
"""

import re
import zlib
from itertools import islice

from signing.offline.errors import FileTooLarge

MAX_TOKEN_BYTES = 4096
"""Far above the 288 bytes of version 1, so that an unknown version is found too, and answered as such."""

MAX_STREAMS = 20_000

_STREAM = re.compile(rb"(?<!end)stream(?:\r\n|\n)")
_LENGTH = re.compile(rb"/Length\s+(\d+)\b(?!\s+\d+\s+R)")
_START_OF_TOKEN = b"\xd2\x84"  # tag 18, array of four: COSE_Sign1
_DICTIONARY_WINDOW = 1024
_STREAM_WINDOW = 2 * MAX_TOKEN_BYTES  # deflate never makes 4096 bytes twice as long


def tokens_in(pdf: bytes) -> set[bytes]:
    """Return every different stream of the PDF that begins as a token does: mostly one, or none.

    Raises ``FileTooLarge`` for more streams than a certificate could have.
    """
    starts = [match.end() for match in islice(_STREAM.finditer(pdf), MAX_STREAMS + 1)]
    if len(starts) > MAX_STREAMS:
        raise FileTooLarge(f"> {MAX_STREAMS} PDF streams")
    contents = (_content(pdf, start) for start in starts)
    return {content for content in contents if content.startswith(_START_OF_TOKEN)}


def _content(pdf: bytes, start: int) -> bytes:
    """Return what the stream holds; nothing if that is longer than a token, or is not to be read."""
    window = pdf[start : start + _STREAM_WINDOW]
    if window.startswith(_START_OF_TOKEN):
        return window[: _length(pdf, start, window)]
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(window, MAX_TOKEN_BYTES + 1)
    except zlib.error:
        return b""
    return content if inflater.eof else b""


def _length(pdf: bytes, start: int, window: bytes) -> int:
    """Return the length of a stream that is not deflated: as its dictionary says, else up to its end."""
    stated = _LENGTH.findall(pdf, max(0, start - _DICTIONARY_WINDOW), start)
    if stated:
        return int(stated[-1][:6])
    end = max(0, window.find(b"endstream"))
    return len(window[:end].removesuffix(b"\n").removesuffix(b"\r"))
