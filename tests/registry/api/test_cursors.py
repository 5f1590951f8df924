"""Cursors come back as they were given, and nothing else is one."""

import base64
import json
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.api.cursors import KEYS, BadCursor, read_cursor, write_cursor
from tests.instants import NOON

SAMPLES = {
    "submissions": (NOON + timedelta(microseconds=7), UUID(int=5)),
    "rows": (17,),
    "certificates": (0,),
    "requests": (NOON, UUID(int=1 << 127)),
    "changes": (12, (1 << 62) - 1),
    "drafts": (NOON, UUID(int=9)),
    "draft_rows": (200,),
    "draft_faults": (0,),
}


def text(*content) -> str:
    return base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).decode().rstrip("=")


@pytest.mark.parametrize("listing", KEYS)
def test_a_cursor_comes_back_as_the_key_that_it_was_made_of(listing):
    assert read_cursor(listing, write_cursor(listing, SAMPLES[listing])) == SAMPLES[listing]


def test_no_cursor_is_the_beginning_and_no_key_is_the_end():
    assert read_cursor("rows", None) is None
    assert write_cursor("rows", None) is None


@pytest.mark.parametrize("listing", KEYS)
@pytest.mark.parametrize("other", KEYS)
def test_a_cursor_of_another_listing_is_refused(listing, other):
    if listing != other:
        with pytest.raises(BadCursor):
            read_cursor(listing, write_cursor(other, SAMPLES[other]))


@pytest.mark.parametrize(
    "broken",
    [
        "", "x", "====", "…", "a" * 201, "bnVsbA", "W10", "[1]",
        text(2, "rows", 1), text(True, "rows", 1), text(1, "rows"), text(1, "rows", 1, 2),
        text(1, "rows", -1), text(1, "rows", 1 << 62), text(1, "rows", 1.0), text(1, "rows", True),
        text(1, "rows", "1"), text(1, "rows", None), text(1, "rows", [1]), text("rows", 1, 1),
        text(1, "rows", 1) + "=", text(1, "rows", 1) + "\n", base64.b64encode(b'[1, "rows", 1]').decode(),
    ],
)  # fmt: skip
def test_what_we_did_not_write_is_refused(broken):
    with pytest.raises(BadCursor):
        read_cursor("rows", broken)


@pytest.mark.parametrize("odd", ["not a uuid", str(UUID(int=10)).upper(), UUID(int=5).hex, 5])
def test_an_odd_identifier_is_refused(odd):
    with pytest.raises(BadCursor):
        read_cursor("submissions", text(1, "submissions", 0, odd))


def test_an_instant_that_no_clock_shows_is_refused():
    with pytest.raises(BadCursor):
        read_cursor("submissions", text(1, "submissions", (1 << 62) - 1, str(UUID(int=5))))


@given(st.text(max_size=80), st.sampled_from(list(KEYS)))
def test_any_text_is_a_cursor_or_refused(anything, listing):
    try:
        key = read_cursor(listing, anything)
    except BadCursor:
        return
    assert write_cursor(listing, key) == anything
