"""From what a person has in hand to the bytes of a token."""

import base64
import os

import pytest

from signing.errors import Malformed
from signing.link import qr_text, token_from_text
from signing.offline.errors import FileNotReadable, FileTooLarge, NotAnInput, NoToken, SeveralTokens
from signing.offline.reading import MAX_INPUT_BYTES, read_file, read_token, token_in
from tests.vectors import world

TOKEN = world.token(world.statement())
OTHER = world.token(world.statement(101))
LINK = qr_text("https://dte.example/v#", TOKEN)
DIGITS = LINK.partition("#")[2]


@pytest.mark.parametrize(
    "text",
    [
        LINK,
        f"  {LINK}\n",
        DIGITS,
        f"#{DIGITS}",
        f"http://another.example:8080/a/b?c=d#{DIGITS}",
        f"HTTPS://user:word@EVIL.example/v#{DIGITS}",
        f"https://例え.example\\@evil/#{DIGITS}",
        f"javascript:alert(1)#{DIGITS}",
        f"file:///etc/passwd#{DIGITS}",
        f"dte.example/v#{DIGITS}",
    ],
)
def test_the_digits_after_the_mark_are_the_token_whatever_stands_before(text):
    assert read_token(text) == TOKEN


@pytest.mark.parametrize(
    "text",
    [
        "https://dte.example/v#",
        "https://dte.example/v#12a",
        f"{LINK}#1",
        f"{LINK}?a",
        LINK.replace("#", "#0"),
    ],
)
def test_a_link_with_other_than_a_token_gets_a_verdict_like_any_wrong_bytes(text):
    with pytest.raises(Malformed):
        token_from_text(text)
    assert read_token(text) == b""


@pytest.mark.parametrize(
    "content",
    [
        TOKEN,
        TOKEN.hex().encode(),
        TOKEN.hex().upper().encode() + b"\r\n",
        base64.urlsafe_b64encode(TOKEN),
        base64.urlsafe_b64encode(TOKEN).rstrip(b"=") + b"\n",
        LINK.encode() + b"\n",
        b"\xef\xbb\xbf" + LINK.encode(),
        DIGITS.encode(),
    ],
)
def test_a_file_may_hold_a_token_or_write_it_as_text(content):
    assert token_in(content) == TOKEN


@pytest.mark.parametrize("bit", range(0, 8 * 8))
def test_a_damaged_token_file_is_still_passed_on_to_be_judged(bit):
    damaged = bytearray(TOKEN)
    damaged[bit // 8] ^= 1 << bit % 8

    assert token_in(bytes(damaged)) == damaged


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", NoToken),
        (b" \n", NoToken),
        (b"hello", NoToken),
        ("证书".encode(), NoToken),
        (b"<svg xmlns='x'/>", NoToken),
        (b"\xd2\x84" + bytes(9_000), NoToken),
        (b"PK\x03\x04" + bytes(20_000), NoToken),
        (b"https://dte.example/v", NoToken),
        (b"%PDF-1.7\n%%EOF\n", NoToken),
        (b"%PDF-1.7\nstream\n" + TOKEN + b"\nendstream stream\n" + OTHER + b"\nendstream", SeveralTokens),
        (bytes(MAX_INPUT_BYTES + 1), FileTooLarge),
    ],
)
def test_a_file_without_one_token_is_refused(content, error):
    with pytest.raises(error):
        token_in(content)


@pytest.mark.parametrize(
    ("argument", "error"),
    [
        ("", NotAnInput),
        ("S000123000001263000001", NotAnInput),
        ("2301010000100001", NotAnInput),
        ("no-such-file.pdf", NotAnInput),
        ("a\0b", NotAnInput),
        ("x" * 5_000, NotAnInput),
        ("https://dte.example/v", NoToken),
        ("/", FileNotReadable),
    ],
)
def test_an_argument_that_is_no_input_is_refused(argument, error):
    with pytest.raises(error):
        read_token(argument)


def test_a_file_is_read_no_further_than_its_limit(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(bytes(11))

    assert read_file(path, max_bytes=11) == bytes(11)
    with pytest.raises(FileTooLarge):
        read_file(path, max_bytes=10)
    with pytest.raises(FileNotReadable):
        read_file(tmp_path / "other", max_bytes=10)


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/tty", "/dev/full"])
def test_a_device_is_not_read(device):
    with pytest.raises(FileNotReadable):
        read_token(device)


def test_a_pipe_without_a_writer_is_not_waited_for(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    with pytest.raises(FileNotReadable):
        read_token(str(pipe))
    with pytest.raises(FileNotReadable):
        read_file(pipe, max_bytes=10)
