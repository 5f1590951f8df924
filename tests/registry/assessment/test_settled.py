"""The settled content says what was checked in one text only, and read again it is the same submission."""

import dataclasses
import json
import time
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.assessment import settled
from registry.assessment.content import HEADER_COLUMNS, ROW_COLUMNS, Column
from registry.assessment.errors import ContentUnreadable
from registry.assessment.reading import JSON_MEDIA_TYPE, read_content
from registry.assessment.settled import MAX_BYTES, settled_json
from tests.registry.assessment.submissions import checked, form, read_as_json, resident_id, row
from tests.registry.assessment.test_large_submissions import DIRECTIONS, LEVELS, many_rows

DRAFT = UUID("0190c0de-0000-7000-8000-00000000abcd")


def read_again(text):
    return checked(read_content(text, JSON_MEDIA_TYPE, max_bytes=MAX_BYTES))


def as_signed(submission):
    """Return the submission with the names received as they will be signed."""
    rows = tuple(dataclasses.replace(result, name_received=result.name) for result in submission.rows)
    return dataclasses.replace(submission, rows=rows)


def test_a_settled_text_is_written_like_this():
    document = form(
        row(1, name="\u3000张䶮 ", id_number="11010519491231002x", theory="86.0", practice="absent"),
        exam_ended_on="2026-11-07",
    )

    assert settled_json(checked(read_as_json(document)), draft=DRAFT).decode() == (
        '{"format":"certreg-submission/1","issuer":"S0002","site":"000002","province":"21",'
        '"exam_started_on":"2026-11-07","exam_ended_on":"2026-11-07","late_reason":null,'
        '"rows":[{"row":1,"name":"张䶮","id_type":"resident_id","id_number":"11010519491231002X",'
        '"occupation":"2-02-10-11","edition":1,"direction":"大数据分析","level":"intermediate",'
        '"theory":"86","practice":"absent","commitment":true,"training_certificate":null,"training_hours":null,'
        '"issued_on":null,"corrects":null,"reason":null,"photo":null}],'
        '"statistics":{"entered":1,"absent_theory":0,"absent_practice":1,"absent":1,"passed_theory":1,'
        '"passed_practice":0,"passed":0,"failed":1},"draft":"0190c0de-0000-7000-8000-00000000abcd","replaces":null}'
    )


def test_every_column_is_in_it_in_the_order_of_the_form():
    document = json.loads(settled_json(checked(read_as_json(form())), draft=DRAFT))

    assert list(document) == ["format", *HEADER_COLUMNS, "rows", "statistics", "draft", "replaces"]
    assert [list(written) for written in document["rows"]] == [list(ROW_COLUMNS)] * 3


def test_the_draft_is_kept_in_the_signed_bytes():
    text = settled_json(checked(read_as_json(form())), draft=DRAFT)

    assert read_content(text, JSON_MEDIA_TYPE).draft == DRAFT


SCORES = st.one_of(
    st.just("absent"), st.integers(0, 1000).map(lambda tenths: f"{tenths // 10}.{tenths % 10}")
)
REASONS = st.text('迟系统故障，。AZaz09"\\/ ', min_size=1, max_size=20).filter(str.strip)
NAMES = st.text("张三丰䶮𬭸𠀀阿卜杜", min_size=1, max_size=12)


@st.composite
def good_rows(draw, number):
    corrects = draw(st.none() | st.just(f"S0002210000022620{number:05d}"))
    passed = {"theory": "60", "practice": "100.0"} if corrects else {}
    return row(
        number,
        **{
            "name": draw(st.sampled_from(["", " ", "\u3000"])) + draw(NAMES),
            "id_number": draw(st.sampled_from([resident_id(number), resident_id(number).lower()])),
            "direction": draw(st.sampled_from(DIRECTIONS)),
            "level": draw(st.sampled_from(LEVELS)),
            "theory": draw(SCORES),
            "practice": draw(SCORES),
            "training_certificate": draw(
                st.none() | st.text("连理工培AZ09-_/()（）〔〕", min_size=1, max_size=64)
            ),
            "training_hours": draw(st.none() | st.integers(160, 2000)),
            "issued_on": draw(st.none() | st.dates(date(2026, 11, 8), date(2026, 12, 21)).map(str)),
            "corrects": corrects,
            "reason": corrects and draw(REASONS),
            "photo": draw(st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex)),
            **passed,
        },
    )


@st.composite
def good_forms(draw):
    numbers = draw(st.lists(st.integers(1, 999), min_size=1, max_size=6, unique=True))
    rows = [draw(good_rows(number)) for number in numbers]
    return form(*rows, late_reason=draw(st.none() | REASONS))


@settings(max_examples=200, deadline=None)
@given(good_forms(), st.uuids())
def test_read_again_it_is_the_same_submission(document, draft):
    submission = checked(read_as_json(document))
    text = settled_json(submission, draft=draft)

    assert read_again(text) == as_signed(submission)
    # And there is no second text for it.
    assert settled_json(read_again(text), draft=draft) == text


def test_a_hundred_thousand_rows_are_carried(record_property):
    few = checked(read_as_json(form(*many_rows(1_000))))
    # The checks of many rows are timed elsewhere; here it is the text that must be carried and read.
    rows = tuple(
        dataclasses.replace(few.rows[number % 1_000], row=number + 1, photo=bytes(32))
        for number in range(100_000)
    )
    submission = dataclasses.replace(few, rows=rows)
    before = time.process_time()
    text = settled_json(submission, draft=DRAFT)
    content = read_content(text, JSON_MEDIA_TYPE, max_bytes=MAX_BYTES)
    record_property("seconds", round(time.process_time() - before, 1))
    record_property("megabytes", len(text) >> 20)

    assert content.faults == ()
    assert len(content.rows) == 100_000
    assert content.rows[-1].cells[Column.ROW] == "100000"
    with pytest.raises(ContentUnreadable) as refusal:
        read_content(text, JSON_MEDIA_TYPE)
    assert refusal.value.code == "too_large"


def test_a_text_that_nobody_could_read_is_not_made(monkeypatch):
    monkeypatch.setattr(settled, "MAX_BYTES", 100)

    with pytest.raises(ContentUnreadable) as refusal:
        settled_json(checked(read_as_json(form())), draft=DRAFT)
    assert refusal.value.code == "too_large"
