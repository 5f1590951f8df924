"""From what a person has in hand to the bytes of a token: a QR's text, a token file, a picture, a PDF.

Nothing here decides whether a token is genuine, and nothing here opens an address: of a link only the digits
after ``#`` are read, whatever host stands before them. Input that holds no token at all, or several
different ones, is refused, since any verdict on it would be a verdict on something else.
"""

import base64
import os
import re
import stat
import sys
from pathlib import Path
from typing import TypeVar

from signing.errors import Malformed
from signing.link import token_from_text
from signing.offline.errors import FileNotReadable, FileTooLarge, NotAnInput, NoToken, SeveralTokens
from signing.offline.image import fragments_in
from signing.offline.pdf import MAX_TOKEN_BYTES, tokens_in

MAX_INPUT_BYTES = 64 * 2**20

Found = TypeVar("Found")

_NOT_A_TOKEN = b""
"""Stands for a code whose text is no token; the verdict on it is that of any other wrong bytes."""

_FEWEST_DIGITS = 100  # so that a certificate's number is not taken for its token
_HEX = re.compile(r"[Dd]2(?:[0-9A-Fa-f]{2})+")
_BASE64URL = re.compile(r"0o[A-Za-z0-9_-]+")
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")


def read_token(argument: str) -> bytes:
    """Return the token of the command's INPUT: the path of a file, ``-`` for standard input, or a QR's text.

    Raises a ``WrongUse`` that says why there is nothing to verify. Wrong bytes are no error: they get a
    verdict.
    """
    if argument == "-":
        return token_in(_standard_input())
    if _is_file(argument):
        return token_in(read_file(Path(argument), max_bytes=MAX_INPUT_BYTES))
    text = argument.strip()
    if _is_text_of_a_code(text):
        return _token_of_text(text)
    raise NotAnInput(argument)


def token_in(content: bytes) -> bytes:
    """Return the token in a file's content, whatever the file is called. Raises a ``WrongUse``."""
    if len(content) > MAX_INPUT_BYTES:
        raise FileTooLarge(f"> {MAX_INPUT_BYTES}")
    if content.startswith(_PICTURES):
        return _token_of_text(f"#{_only(fragments_in(content), 'image')}")
    if b"%PDF-" in content[:1024]:
        return _only(tokens_in(content), "pdf")
    if not content or len(content) > MAX_TOKEN_BYTES * 2:
        raise NoToken("file")
    return _token_of_small_file(content)


def read_file(path: Path, *, max_bytes: int) -> bytes:
    """Return a file's content; ``FileNotReadable``, or ``FileTooLarge`` for more than ``max_bytes``.

    What is no regular file (a device, a pipe, a folder) is refused without waiting for it.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise FileNotReadable(str(path))
            content = file.read(max_bytes + 1)
    except OSError:
        raise FileNotReadable(str(path)) from None
    if len(content) > max_bytes:
        raise FileTooLarge(str(path))
    return content


def is_there(path: Path) -> bool:
    """Say whether the path exists; ``FileNotReadable`` where that can not be found out."""
    try:
        return path.exists()
    except OSError:
        raise FileNotReadable(str(path)) from None


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))


def _standard_input() -> bytes:
    if sys.stdin is None:  # closed
        raise FileNotReadable("-")
    try:
        return sys.stdin.buffer.read(MAX_INPUT_BYTES + 1)
    except OSError:
        raise FileNotReadable("-") from None


def _is_file(argument: str) -> bool:
    try:
        return argument != "" and Path(argument).exists()
    except (OSError, ValueError):  # too long for a path, or a NUL in it: the text of a code
        return False


def _is_text_of_a_code(text: str) -> bool:
    return "#" in text or "://" in text or (_is_digits(text) and len(text) >= _FEWEST_DIGITS)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _token_of_text(text: str) -> bytes:
    if _is_digits(text):
        text = f"#{text}"
    if "#" not in text:
        raise NoToken("link")
    try:
        return token_from_text(text)
    except Malformed:
        return _NOT_A_TOKEN


def _token_of_small_file(content: bytes) -> bytes:
    """Return the token of a file that holds its bytes, or writes them as hex, base64url or a QR's text.

    No token is readable text, not even a damaged one: text of any other kind is no token and gets no verdict.
    """
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return content
    if not all(character.isprintable() or character.isspace() for character in text):
        return content
    if _is_text_of_a_code(text) and text.isprintable():
        return _token_of_text(text)
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    digits = text.rstrip("=")
    if _BASE64URL.fullmatch(digits) and len(digits) % 4 != 1:
        return base64.urlsafe_b64decode(digits + "=" * (-len(digits) % 4))
    raise NoToken("file")


def _only(found: set[Found], source: str) -> Found:
    if not found:
        raise NoToken(source)
    if len(found) > 1:
        raise SeveralTokens(source)
    return found.pop()
