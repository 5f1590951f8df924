"""The token that a PDF carries."""

import tracemalloc
import zlib

import pytest
import typst

from signing.offline.errors import FileTooLarge, SeveralTokens
from signing.offline.pdf import MAX_STREAMS, MAX_TOKEN_BYTES, tokens_in
from signing.offline.reading import token_in
from tests.vectors import world

TOKENS = [world.token(world.statement(entry)) for entry in (100, 101)]
TOKEN, OTHER = TOKENS


def stream(content: bytes, *, filters: bytes = b"", length: bytes | None = None, end: bytes = b"\n") -> bytes:
    stated = str(len(content)).encode() if length is None else length
    return (
        b"7 0 obj\n<</Length " + stated + filters + b">>\nstream\n" + content + end + b"endstream\nendobj\n"
    )


def deflated(content: bytes, level: int = 9) -> bytes:
    return stream(zlib.compress(content, level), filters=b"/Filter/FlateDecode")


def pdf(*streams: bytes) -> bytes:
    return b"%PDF-1.7\n" + b"".join(streams) + b"%%EOF\n"


TYPST = """
#set document(title: "certificate", date: datetime(year: 2026, month: 11, day: 20))
#set text(lang: "zh")
#pdf.attach("token.cbor", relationship: "data", mime-type: "application/cbor", description: "token")
#lorem(200)
"""


def test_it_finds_what_typst_attaches(tmp_path):
    (tmp_path / "token.cbor").write_bytes(TOKEN)
    (tmp_path / "page.typ").write_text(TYPST)

    content = typst.compile(tmp_path / "page.typ", root=tmp_path, pdf_standards=["a-3a", "ua-1"])

    assert token_in(content) == TOKEN


@pytest.mark.parametrize(
    "content",
    [
        pdf(deflated(TOKEN)),
        pdf(deflated(TOKEN, 0)),
        pdf(stream(TOKEN)),
        pdf(stream(TOKEN, end=b"\r\n")),
        pdf(stream(TOKEN, end=b"")),
        pdf(stream(TOKEN, length=b"12 0 R")),
        pdf(stream(TOKEN, length=b"12 0 R", end=b"\r\n")),
        pdf(stream(TOKEN).replace(b"stream\n\xd2", b"stream\r\n\xd2")),
        pdf(deflated(TOKEN), deflated(TOKEN), stream(TOKEN)),
        pdf(stream(b"BT (Hello) Tj ET"), deflated(bytes(100_000)), deflated(TOKEN), stream(bytes(5))),
        b"\n\n" + pdf(deflated(TOKEN)),
    ],
)
def test_it_finds_the_token_in_any_lawful_stream(content):
    assert token_in(content) == TOKEN


@pytest.mark.parametrize("last", [b"\n", b"\r", b"\r\n"])
def test_a_token_that_ends_like_a_line_keeps_its_last_byte(last):
    content = TOKEN[: -len(last)] + last

    assert tokens_in(pdf(stream(content))) == {content}


def test_several_different_tokens_are_refused():
    with pytest.raises(SeveralTokens):
        token_in(pdf(deflated(TOKEN), stream(OTHER)))


@pytest.mark.parametrize(
    "content",
    [
        pdf(),
        pdf(stream(b"")),
        pdf(deflated(b"")),
        pdf(stream(b"\xd2")),
        pdf(deflated(TOKEN)[:-60]),
        pdf(b"stream\n"),
        pdf(b"stream\n\xd2\x84"),
        pdf(deflated(TOKEN + bytes(MAX_TOKEN_BYTES))),
        pdf(deflated(bytes(10) + TOKEN)),
        pdf(b"endstream\n" + TOKEN),
    ],
)
def test_what_is_no_token_is_not_taken_for_one(content):
    assert TOKEN not in tokens_in(content)


def test_a_decompression_bomb_is_not_inflated():
    content = pdf(*[stream(zlib.compress(bytes(20_000_000), 9))] * 20)

    tracemalloc.start()
    found = tokens_in(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found == set()
    assert peak < 200_000


def test_more_streams_than_a_certificate_has_are_refused():
    with pytest.raises(FileTooLarge):
        tokens_in(pdf(b"stream\n" * (MAX_STREAMS + 1)))
