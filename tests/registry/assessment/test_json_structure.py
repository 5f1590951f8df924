"""JSON has one meaning or is refused, and a hostile text costs next to nothing."""

import time
from contextlib import suppress

import pytest

from registry.assessment.errors import ContentUnreadable
from registry.assessment.json_structure import MAX_DEPTH, Members, UnreadableNumber, read_json

UNREADABLE = [
    (b"", "not_json"),
    (b"{", "not_json"),
    (b'{"a":1,}', "not_json"),
    (b"{'a':1}", "not_json"),
    (b'{"a":01}', "not_json"),
    (b'{"a":+1}', "not_json"),
    (b'{"a":.5}', "not_json"),
    (b'{"a":"\x01"}', "not_json"),
    (b'{"a":"\\x41"}', "not_json"),
    (b'{"a":"open', "not_json"),
    (b'{"a":1} {"a":1}', "not_json"),
    (b"{]", "not_json"),
    (b"// comment\n{}", "not_json"),
    (b"\xef\xbb\xbf{}", "byte_order_mark"),
    ("{}".encode("utf-16"), "not_utf8"),
    ('{"姓名":"张三"}'.encode("gb18030"), "not_utf8"),
    (b'{"a":"\xed\xa0\x80"}', "not_utf8"),
    (b'{"a":"\xc0\xaf"}', "not_utf8"),
    (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "too_deep"),
    (b'{"a":' * 17 + b"1" + b"}" * 17, "too_deep"),
    (b"[" * 100_000, "too_deep"),
    (b'{"a":' * 1_000_000, "too_many_values"),
    (b"[" + b"{}," * 200_000 + b"{}]", "too_many_values"),
    (b"[" + b"0," * 3_000_000 + b"0]", "too_many_values"),
    (b" " * (16 * 1024 * 1024 + 1), "too_large"),
]


@pytest.mark.parametrize(
    ("content", "code"), UNREADABLE, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_is_not_clear_json_is_refused(content, code):
    with pytest.raises(ContentUnreadable) as refusal:
        read_json(content)

    assert refusal.value.code == code


def test_the_deepest_lawful_nesting_is_read():
    assert read_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) is not None


def test_brackets_in_strings_are_no_nesting():
    assert read_json(b'["' + b"[{" * 1000 + b'", "\\"[[", "\\\\"]')[1] == '"[['


def test_a_name_given_twice_is_remembered():
    document = read_json(b'{"a":1,"b":{"c":1,"c":2,"c":3},"a":2}')

    assert isinstance(document, Members)
    assert document.repeated == ("a",)
    assert document["b"].repeated == ("c",)


@pytest.mark.parametrize(
    "text", ["1.5", "1e3", "NaN", "Infinity", "-Infinity", "9" * 17, "9" * 100_000, "-" + "9" * 16]
)
def test_a_number_that_is_no_modest_whole_number_is_marked(text):
    value = read_json(f"[{text}]".encode())[0]

    assert isinstance(value, UnreadableNumber)
    assert value.text == text[: len(value.text)]


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        b'"' + b'\\"' * 1_000_000,
        b'"' + b"\\" * 1_000_001,
        b"[" + b"[]," * 1_000_000 + b"[]]",
        b'{"a":' + b"9" * 1_000_000 + b"}",
        b"{" + b'"a":1,' * 100_000 + b'"a":1}',
        b'["' + b"\\ud800" * 200_000 + b'"]',
    ],
    ids=[
        "deep arrays",
        "deep objects",
        "quotes",
        "backslashes",
        "many",
        "huge number",
        "one name",
        "surrogates",
    ],
)
def test_a_hostile_text_is_dealt_with_at_once(content):
    before = time.process_time()
    with suppress(ContentUnreadable):
        read_json(content)

    assert time.process_time() - before < 0.5
