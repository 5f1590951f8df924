"""Canonical JSON against securesystemslib's, and the strictness with which JSON is read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.formats import encode_canonical

from signing import canonical_json
from signing.errors import Malformed

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
INTEGERS = st.integers(-canonical_json.MAX_INTEGER, canonical_json.MAX_INTEGER)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
REFUSED = [
    b"",
    b" ",
    b"{",
    b"[1,]",
    b"[1 2]",
    b"[1 2 3]",
    b"[1:2]",
    b'{"a" 1}',
    b'{"a",1}',
    b'{"a":1 2 "b":3}',
    b'{"a":1:"b":2}',
    b"{1:2}",
    b"{'a':1}",
    b"{a:1}",
    b'{"a":1,}',
    b'{"a":1,"a":1}',
    b'{"a":1,"\\u0061":2}',
    b"1.0",
    b"1e2",
    b"01",
    b"-",
    b"+1",
    b"NaN",
    b"Infinity",
    b"9007199254740992",
    b"-9007199254740992",
    b"1" * 5000,
    b'"\\ud800"',
    b'"\\x"',
    b'"\n"',
    b'"',
    b"True",
    b"[] []",
    b"\xef\xbb\xbf[]",
    b"\xff",
    b"\xed\xa0\x80",
    b"\x0c[]",
    b"[" * 17 + b"]" * 17,
    b"[" * 60_000,
    b"null\x00",
    "[]\u00a0".encode(),
]
READ = [
    (b" [ ] \r\n", b"[]"),
    (b'{"b":1,"a":[true,false,null]}', b'{"a":[true,false,null],"b":1}'),
    (b"-0", b"0"),
    (b"9007199254740991", b"9007199254740991"),
    (b'"\\u00e9\\n\\"\\\\\\/"', '"é\n\\"\\\\/"'.encode()),
    (b'{"\\uff5e":1,"\\ud800\\udc00":2}', '{"～":1,"𐀀":2}'.encode()),
    (b'{"__proto__":{"constructor":1}}', b'{"__proto__":{"constructor":1}}'),
    (b'{"":1}', b'{"":1}'),
    (b"[" * 16 + b"]" * 16, b"[" * 16 + b"]" * 16),
]


@given(VALUES)
def test_it_writes_what_securesystemslib_signs(value):
    assert canonical_json.encode(value) == encode_canonical(value).encode()


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_it_reads_what_anyone_writes(value, ascii_only, indent):
    written = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()

    assert canonical_json.decode(written) == value


@pytest.mark.parametrize(("written", "canonical"), READ)
def test_what_is_read_has_one_canonical_form(written, canonical):
    assert canonical_json.encode(canonical_json.decode(written)) == canonical


@pytest.mark.parametrize("written", REFUSED)
def test_what_two_readers_could_see_differently_is_refused(written):
    with pytest.raises(Malformed):
        canonical_json.decode(written)


@pytest.mark.parametrize("value", [1.0, b"a", (1,), {1: 2}, "\ud800", ["\udfff"], {"\ud800": 1}, 2**53])
def test_what_is_not_of_the_subset_is_not_written(value):
    with pytest.raises(Malformed):
        canonical_json.encode(value)
