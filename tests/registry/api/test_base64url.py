"""Base64url: what is written is read again, and one text is read for one value."""

import pytest

from registry.api.base64url import decode, encode


@pytest.mark.parametrize("content", [b"", b"a", b"ab", b"abc", bytes(range(256)), b"\xfb\xff\xfe"])
def test_what_is_written_is_read_again_padded_or_not(content):
    text = encode(content)

    assert "=" not in text
    assert decode(text) == decode(text + "=" * (-len(text) % 4)) == content


@pytest.mark.parametrize(
    "text",
    ["a", "YQ=", "YQ===", "YWI==", "YWJj=", "YR", "+/8", "Y Q", "YQ\n", "=", "=YQ", "YQ==YQ", "é", "你好"],
)
def test_what_nobody_would_write_is_refused(text):
    with pytest.raises(ValueError, match="not base64url"):
        decode(text)
