"""The QR text, both ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.errors import Malformed
from signing.link import MAX_DIGITS, qr_text, token_from_text
from tests.vectors.world import BASE_TOKENS

PREFIX = "https://dte.example/v#"


@pytest.mark.parametrize("token", BASE_TOKENS.values(), ids=BASE_TOKENS.keys())
def test_a_token_comes_back_from_its_link(token):
    text = qr_text(PREFIX, token)

    assert text.startswith(PREFIX)
    assert text.removeprefix(PREFIX).isdecimal()
    assert token_from_text(text) == token


@given(st.binary(min_size=1, max_size=1024).filter(lambda data: data[0] != 0))
def test_any_bytes_without_leading_zero_come_back(data):
    assert token_from_text(qr_text("#", data)) == data


@pytest.mark.parametrize("text", ["x#1", "#1", "https://other.example/anything?q=1#1", "证书#1"])
def test_what_stands_before_the_mark_is_ignored(text):
    assert token_from_text(text) == b"\x01"


def test_the_largest_symbol_is_read():
    assert len(token_from_text("#" + "9" * MAX_DIGITS)) == 2944


@pytest.mark.parametrize(
    "text",
    ["", "1", "#", "https://dte.example/v", "#0", "#01", "#-1", "#+1", "#1_0", "#1 ", "# 1", "#1\n", "#１",
     "#1#2", "##1", "#1e5", "#0x10", "#١", "#" + "9" * (MAX_DIGITS + 1)],
)  # fmt: skip
def test_a_text_that_is_no_link_of_ours_is_refused(text):
    with pytest.raises(Malformed):
        token_from_text(text)


@pytest.mark.parametrize(
    ("prefix", "token"),
    [
        ("", b"\x01"),
        ("https://dte.example/v", b"\x01"),
        ("a#b#", b"\x01"),
        ("#", b""),
        ("#", b"\x00\x01"),
        ("#", b"\x01" * 1025),
    ],
)
def test_a_link_that_would_not_come_back_is_not_made(prefix, token):
    with pytest.raises(Malformed):
        qr_text(prefix, token)
