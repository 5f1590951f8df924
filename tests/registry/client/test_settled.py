"""The settled content is held against what was handed in, before anybody signs: every way in which it could differ."""

import copy
import json
import unicodedata
from hashlib import sha256
from uuid import UUID

import pytest

from registry.assessment.checking import check
from registry.assessment.content import HEADER_COLUMNS, ROW_COLUMNS, Column
from registry.assessment.errors import SubmissionRefused
from registry.assessment.form import statistics
from registry.assessment.json_content import FORMAT
from registry.assessment.reading import JSON_MEDIA_TYPE
from registry.assessment.score import ABSENT
from registry.assessment.settled import settled_json
from registry.assessment.statistics import COUNTS, counts_of
from registry.client import comparison, scores, settled
from registry.client.command.shown import COUNTS as SHOWN_COUNTS
from registry.client.comparison import read_handed_in
from registry.client.errors import AnswerUnusable, SettledDiffers
from registry.client.scores import counts
from registry.client.settled import read_settled
from registry.intake.submission import claim_for
from registry.jurisdiction.rules import jurisdictions
from tests.instants import THAT_DAY
from tests.registry.assessment.submissions import form, read_as_json, row, view

DRAFT = UUID(int=5)
ROWS = [
    row(1),
    row(2, theory="59.9"),
    row(3, theory="absent"),
    row(4, practice="absent", theory="60.0"),
    # As clerks write it: settled in another form, and the same.
    row(5, id_number=f" {row(5)['id_number'].lower()}", name=" 李四\u3000", direction=""),
]


@pytest.fixture(scope="module")
def checked():
    """The form as the register has it after its check."""
    return check(read_as_json(form(*ROWS)), view(), today=THAT_DAY, jurisdictions=jurisdictions())


@pytest.fixture(scope="module")
def content(checked):
    """The settled content, written by the register."""
    return settled_json(checked, draft=DRAFT)


def draft_of(content, checked, **changes):
    """Return what the draft says of its settled content."""
    known = {
        "sha256": sha256(content).hexdigest(),
        "rows": len(ROWS),
        "statistics": counts_of(statistics(checked.rows)),
        "replaces": None,
    }
    return {**known, **changes}


def test_what_the_register_settles_is_taken(content, checked):
    found = read_settled(content)

    found.require(DRAFT, **draft_of(content, checked))
    found.require_handed_in(form(*ROWS))
    assert found.photos == 0


def test_both_sides_count_alike(content, checked):
    assert counts(read_settled(content).rows) == counts_of(statistics(checked.rows))
    assert dict(SHOWN_COUNTS) == dict(COUNTS)
    assert (settled.FORMAT, settled.MEDIA_TYPE, scores.ABSENT) == (FORMAT, JSON_MEDIA_TYPE, ABSENT)


def test_both_sides_make_the_same_claim(content):
    claim = claim_for(content, JSON_MEDIA_TYPE, issuer=form()["issuer"])

    assert read_settled(content).claim == claim.to_bytes()


def altered(content, change):
    document = json.loads(content)
    change(document)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


ALTERED = {
    "another draft": lambda document: document.update(draft=str(UUID(int=6))),
    "a row less": lambda document: document["rows"].pop(),
    "a score that passes": lambda document: document["rows"][1].update(theory="60"),
    "a submission that it withdraws": lambda document: document.update(replaces=str(UUID(int=7))),
    "another count": lambda document: document["statistics"].update(passed=5),
}


@pytest.mark.parametrize("name", ALTERED)
def test_what_is_not_the_drafts_is_not_signed(content, checked, name):
    spoilt = altered(content, ALTERED[name])

    with pytest.raises(SettledDiffers):
        read_settled(spoilt).require(DRAFT, **draft_of(spoilt, checked))


OTHERWISE = {
    "another digest": {"sha256": "0" * 64},
    "no digest": {"sha256": None},
    "another number of rows": {"rows": 4},
    "no statistics": {"statistics": None},
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_draft_that_says_otherwise_is_not_signed(content, checked, name):
    with pytest.raises(SettledDiffers):
        read_settled(content).require(DRAFT, **draft_of(content, checked, **OTHERWISE[name]))


CHANGED = {
    "name": "李四",
    "id_type": "passport",
    "id_number": "210102197001010015",
    "occupation": "2-02-10-12",
    "edition": 2,
    "direction": None,
    "level": "senior",
    "theory": "86.6",
    "practice": "缺考",
    "commitment": False,
    "training_certificate": "沈-1",
    "training_hours": 128,
    "issued_on": "2026-11-20",
    "corrects": "12345678",
    "reason": "姓名有误",
    "photo": "00" * 32,
}
OTHER_ROWS = {
    **{
        name: (lambda rows, name=name, value=value: rows[0].update({name: value}))
        for name, value in CHANGED.items()
    },
    "absence for a score": lambda rows: rows[2].update(theory="0"),
    "no finite score": lambda rows: rows[0].update(theory="sNaN"),
    "a number for a score": lambda rows: rows[0].update(theory=86.5),
    "a row more": lambda rows: rows.append({**rows[0], "row": 9}),
    "a row less": lambda rows: rows.pop(),
    "a row without its number": lambda rows: rows.append("序号"),
}


@pytest.mark.parametrize("name", OTHER_ROWS)
def test_rows_that_were_not_handed_in_are_named_and_no_person(content, name):
    rows = copy.deepcopy(ROWS)
    OTHER_ROWS[name](rows)

    with pytest.raises(SettledDiffers, match="序号") as differs:
        read_settled(content).require_handed_in(form(*rows))

    assert rows[0]["name"] not in str(differs.value)
    assert rows[0]["id_number"] not in str(differs.value)


HEADS = {
    "issuer": "S0003",
    "site": "000001",
    "province": "22",
    "exam_started_on": "2026-11-06",
    "exam_ended_on": "2026-11-09",
    "late_reason": "停电",
}


@pytest.mark.parametrize("name", HEADS)
def test_a_head_that_was_not_handed_in_is_named(content, name):
    with pytest.raises(SettledDiffers, match=f"{name} 不同"):
        read_settled(content).require_handed_in(form(*ROWS, **{name: HEADS[name]}))


def test_what_the_file_says_that_it_replaces_is_compared_and_what_it_does_not_say_is_not(checked):
    found = read_settled(settled_json(checked, draft=DRAFT, replaces=UUID(int=7)))

    found.require_handed_in(form(*ROWS, replaces=str(UUID(int=7))))
    found.require_handed_in(form(*ROWS, replaces=None))
    with pytest.raises(SettledDiffers, match="replaces 不同"):
        found.require_handed_in(form(*ROWS, replaces=str(UUID(int=8))))


WRITINGS = {
    "blanks around": lambda text: f" {text}  ",
    "blanks of other kinds around": lambda text: f"\u3000\u00a0{text}\u3000",
    "a tabulator and a line feed around": lambda text: f"\t{text}\n",
    "small letters": str.lower,
    "capital letters": str.upper,
    "full width": lambda text: text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}),
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "a decimal": lambda text: f"{text}.0",
}
FULL_ROW = row(
    1,
    name="Éva",
    id_type="passport",
    id_number="E12345678",
    theory="86",
    practice="70",
    training_certificate="沈-1a",
    issued_on="2026-11-15",
    corrects="2126A00001",
    reason="姓名录入有误",
    photo="ab" * 32,
)
FULL_FORM = form(FULL_ROW, late_reason="停电")
VIEW, JURISDICTIONS = view(), jurisdictions()


def written_otherwise(column, write):
    """Return the form with one value in another writing, and what the register settles; ``None`` if it refuses."""
    in_head = column in HEADER_COLUMNS
    value = write((FULL_FORM if in_head else FULL_ROW)[column])
    handed_in = (
        {**FULL_FORM, column: value} if in_head else {**FULL_FORM, "rows": [{**FULL_ROW, column: value}]}
    )
    try:
        found = check(read_as_json(handed_in), VIEW, today=THAT_DAY, jurisdictions=JURISDICTIONS)
    except SubmissionRefused:
        return handed_in, None
    return handed_in, read_settled(settled_json(found, draft=DRAFT))


TEXTS = [name for name in (*HEADER_COLUMNS, *ROW_COLUMNS) if isinstance({**FULL_FORM, **FULL_ROW}[name], str)]


@pytest.mark.parametrize("column", TEXTS)
def test_in_whatever_writing_the_register_takes_a_value_it_is_settled_as_this_side_expects(column):
    assert written_otherwise(column, str)[1] is not None
    changed = False
    for write in WRITINGS.values():
        handed_in, found = written_otherwise(column, write)
        if found is not None:
            found.require_handed_in(handed_in)
            said, kept = ({**each, **each["rows"][0]}[column] for each in (handed_in, found.document))
            changed |= said != kept

    # No form without need: what is settled as it was written is compared as it was written.
    assert changed is (column in comparison.FORMS)


def test_everything_that_a_file_says_is_compared():
    assert set(HEADS) == set(comparison.HEAD) == set(HEADER_COLUMNS)
    assert set(CHANGED) == {*comparison.ROW, Column.PHOTO} == set(ROW_COLUMNS) - {Column.ROW}


@pytest.mark.parametrize("text", [b"{", b"\xff", b"[]", b"{}", b'{"rows": 5}', b"[" * 100_000])
def test_a_file_that_is_no_form_says_nothing(text):
    assert read_handed_in(text) is None


def document(**members):
    return json.dumps(
        {
            "format": FORMAT,
            "issuer": "S0002",
            "rows": [],
            "statistics": counts([]),
            "draft": str(DRAFT),
            **members,
        }
    ).encode()


NO_SETTLED = {
    "no JSON": b"{",
    "no object": b"[]",
    "another format": document(format="certreg-submission/2"),
    "no draft": document(draft=None),
    "rows that are none": document(rows=5),
    "a row without scores": document(rows=[{}]),
    "a score that is none": document(rows=[{"theory": "x", "practice": "60"}]),
    "a score that is no text": document(rows=[{"theory": 60, "practice": "60"}]),
    "no statistics": json.dumps(
        {"format": FORMAT, "issuer": "S0002", "rows": [], "draft": str(DRAFT)}
    ).encode(),
}


@pytest.mark.parametrize("claimed", [None, {}, {**counts([]), "passed": 1}])
def test_statistics_that_are_not_those_of_the_rows_are_not_read(claimed):
    with pytest.raises(SettledDiffers, match="统计"):
        read_settled(document(statistics=claimed))


@pytest.mark.parametrize("name", NO_SETTLED)
def test_what_is_no_settled_content_is_not_read(name):
    with pytest.raises(AnswerUnusable):
        read_settled(NO_SETTLED[name])
