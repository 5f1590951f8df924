"""Twenty thousand names: each is signed exactly as it was approved, or sent back with what to do about it."""

import time
import unicodedata
from collections import Counter, defaultdict
from uuid import UUID

import pytest

from registry.assessment.errors import CellRefused, ContentUnreadable
from registry.assessment.holder_name import normal_name
from registry.assessment.reading import JSON_MEDIA_TYPE, read_content
from registry.assessment.settled import MAX_BYTES, settled_json
from tests.registry.assessment.name_corpus import ALIKE, PAIRS, SIZE, names
from tests.registry.assessment.submissions import as_json, checked, form, read_as_json, resident_id, row

# How many of each kind are taken, and for which reasons the others are sent back.
VERDICTS = {
    "block": (4800, {}),
    "private": (0, {"private_use": 360}),
    "meant": (360, {}),
    # Twelve of them are no doubles of others: NFC leaves them as they are.
    "compatibility": (12, {"compatibility_ideograph": 1002}),
    "radical": (0, {"radical": 214}),
    "variation": (0, {"variation_selector": 600}),
    "dot": (1000, {}),
    "wrong dot": (0, {"wrong_middle_dot": 720}),
    "script": (1500, {}),
    "invisible": (0, {"invisible_character": 700}),
    "decomposed": (560, {}),
    "outer blank": (800, {}),
    "inner blank": (0, {"space_in_name": 248, "wrong_space": 452}),
    "alike": (660, {}),
    "pair": (600, {}),
    "mangled": (0, {"digit": 120, "invisible_character": 40, "symbol": 200, "wrong_beginning": 40}),
    "long": (192, {"name_too_long": 208}),
    "ordinary": (4612, {}),
}
DRAFT = UUID(int=11643)


def judged(name):
    """Return the name as it will be signed, or the refusal."""
    try:
        return normal_name(name)
    except CellRefused as refusal:
        return refusal


@pytest.fixture(scope="module")
def verdicts():
    return [(kind, name, judged(name)) for kind, name in names()]


def test_twenty_thousand_names_are_judged_in_seconds(record_property):
    everybody = list(names())
    before = time.process_time()
    for _, name in everybody:
        judged(name)
    seconds = time.process_time() - before
    record_property("names a second", round(SIZE / seconds))

    assert len(everybody) == SIZE
    assert seconds < 5


def test_each_kind_is_taken_or_sent_back_for_its_reason(verdicts):
    taken: Counter[str] = Counter()
    refused: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for kind, _, verdict in verdicts:
        if isinstance(verdict, CellRefused):
            refused[kind][verdict.code] += 1
        else:
            taken[kind] += 1

    assert {kind: (taken[kind], dict(refused[kind])) for kind, _, _ in verdicts} == VERDICTS


def test_every_refusal_says_what_is_wrong_and_what_to_do(verdicts):
    for kind, name, verdict in verdicts:
        if isinstance(verdict, CellRefused):
            assert verdict.message, (kind, name)
            assert verdict.remedy, (kind, name)


def test_nothing_is_changed_in_silence_but_outer_blanks_and_the_way_letters_are_composed(verdicts):
    for kind, name, verdict in verdicts:
        if not isinstance(verdict, CellRefused):
            assert verdict == unicodedata.normalize("NFC", name.strip(" \u00a0\u3000")), kind
            assert normal_name(verdict) == verdict, kind


def test_names_that_look_alike_stay_different():
    assert len({normal_name(f"张{character}") for group in ALIKE + PAIRS for character in group}) == sum(
        map(len, ALIKE + PAIRS)
    )


def test_every_name_that_is_taken_survives_byte_for_byte(verdicts, record_property):
    taken = [(name, verdict) for _, name, verdict in verdicts if not isinstance(verdict, CellRefused)]
    rows = [
        row(place, name=name, id_number=resident_id(place)) for place, (name, _) in enumerate(taken, start=1)
    ]
    before = time.process_time()
    text = settled_json(checked(read_as_json(form(*rows))), draft=DRAFT)
    again = checked(read_content(text, JSON_MEDIA_TYPE, max_bytes=MAX_BYTES))
    record_property("seconds", round(time.process_time() - before, 1))

    assert [result.name.encode() for result in again.rows] == [signed.encode() for _, signed in taken]
    assert all(f'"name":"{signed}"'.encode() in text for _, signed in taken[::100])
    assert settled_json(again, draft=DRAFT) == text


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-16", "utf-16-le", "utf-8-sig"])
def test_a_file_in_another_encoding_is_never_guessed_at(encoding):
    text = as_json(form(row(1, name="张三丰"))).decode()

    with pytest.raises(ContentUnreadable) as refusal:
        read_content(text.encode(encoding), JSON_MEDIA_TYPE)

    assert refusal.value.faults[0].remedy
