"""Scores are tenths of a point, and both papers count."""

import pytest

from registry.assessment.errors import CellRefused
from registry.assessment.score import Paper, paper, passes, tenths, written

ACCEPTED = [
    ("0", 0),
    ("0.0", 0),
    ("59.9", 599),
    ("60", 600),
    ("60.0", 600),
    ("86.5", 865),
    ("100", 1000),
    ("100.0", 1000),
]

REFUSED = [
    ("100.1", "score_out_of_range"),
    ("101", "score_out_of_range"),
    ("865", "score_out_of_range"),
    ("86.55", "too_many_decimals"),
    ("86.50", "too_many_decimals"),
    ("60.00000000000001", "too_many_decimals"),
    ("-1", "not_a_score"),
    ("+60", "not_a_score"),
    ("060", "not_a_score"),
    ("60.", "not_a_score"),
    (".5", "not_a_score"),
    ("6e1", "not_a_score"),
    ("60,5", "not_a_score"),
    ("６０", "not_a_score"),
    ("六十", "not_a_score"),
    ("60分", "not_a_score"),
    ("缺考", "not_a_score"),
    ("nan", "not_a_score"),
    ("inf", "not_a_score"),
    (" 60", "not_a_score"),
    ("60\n", "not_a_score"),
    ("1" * 5000, "not_a_score"),
]


@pytest.mark.parametrize(("text", "score"), ACCEPTED)
def test_a_score_is_read_in_tenths(text, score):
    assert tenths(text) == score


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_what_is_not_a_score_is_refused(text, code):
    with pytest.raises(CellRefused) as refusal:
        tenths(text)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("theory", "practice", "passed"),
    [
        (600, 600, True),
        (1000, 599, False),
        (599, 1000, False),
        (599, 599, False),
        (0, 0, False),
        (1000, 1000, True),
    ],
)
def test_neither_paper_makes_up_for_the_other(theory, practice, passed):
    assert passes(theory=theory, practice=practice) is passed


def test_who_was_absent_is_told_from_who_has_nothing():
    assert paper("absent") == Paper(0, absent=True)
    assert paper("0") == Paper(0) != paper("absent")
    for text in ("缺考", "ABSENT", " absent", ""):
        with pytest.raises(CellRefused):
            paper(text)


def test_every_score_has_one_shortest_text():
    papers = [Paper(0, absent=True), *(Paper(score) for score in range(1001))]
    texts = [written(score) for score in papers]

    assert [paper(text) for text in texts] == papers
    assert texts[:3] == ["absent", "0", "0.1"]
    assert (written(Paper(700)), written(Paper(865)), written(Paper(1000))) == ("70", "86.5", "100")
