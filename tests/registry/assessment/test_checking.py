"""One path for both kinds of file: every fault of every row at once, or a submission without doubt."""

import dataclasses
from datetime import date, timedelta

import pytest

from registry.assessment.errors import SubmissionRefused, UnsupportedMediaType
from registry.assessment.form import statistics
from registry.assessment.reading import WORKBOOK_MEDIA_TYPE, read_content
from registry.assessment.template import write_template
from registry.assessment.workbook_form import HEADINGS
from signing.id_check import IdType
from signing.statement import Level, Occupation
from tests.instants import THAT_DAY
from tests.registry.assessment.csv_files import read_as_csv
from tests.registry.assessment.submissions import (
    checked,
    faults_of,
    form,
    places_and_codes,
    read_as_json,
    read_as_workbook,
    resident_id,
    row,
    view,
)
from tests.registry.assessment.workbooks import edited, good_workbook

# What is wrong with the second of three rows, the field that is named, the code.
NAUGHTY_ROWS = [
    ({"row": 0}, "row", "not_a_row_number"),
    ({"row": -2}, "row", "not_a_row_number"),
    ({"row": 1000000}, "row", "not_a_row_number"),
    ({"row": 1}, "row", "repeated_row_number"),
    ({"name": "张\ue863"}, "name", "private_use"),
    ({"name": "张 三"}, "name", "space_in_name"),
    ({"name": "=cmd|' /C calc'!A0"}, "name", "symbol"),
    ({"name": "<script>alert(1)</script>"}, "name", "symbol"),
    ({"name": "张" * 57}, "name", "name_too_long"),
    ({"name": "艾力•买买提"}, "name", "wrong_middle_dot"),
    ({"id_type": "driving_licence"}, "id_type", "unknown_id_type"),
    ({"id_number": "110105194912310021"}, "id_number", "wrong_check_digit"),
    ({"id_number": "1.10105E+17"}, "id_number", "scientific_notation"),
    ({"id_number": resident_id(1), "name": row(1)["name"]}, "id_number", "repeated_person"),
    ({"id_type": "passport", "id_number": "护照E1234"}, "id_number", "wrong_shape"),
    ({"occupation": "2-02-99-99"}, "occupation", "unknown_occupation"),
    ({"occupation": "大数据"}, "occupation", "not_an_occupation_code"),
    ({"occupation": "2-02-10-15", "direction": None}, "occupation", "not_listed"),
    ({"edition": 2}, "occupation", "unknown_occupation"),
    ({"edition": 3}, "edition", "unknown_edition"),
    ({"direction": "云计算运维"}, "direction", "unknown_direction"),
    ({"level": "expert"}, "level", "unknown_level"),
    ({"level": "3"}, "level", "unknown_level"),
    ({"theory": "100.1"}, "theory", "score_out_of_range"),
    ({"practice": "缺席"}, "practice", "not_a_score"),
    ({"practice": "Absent"}, "practice", "not_a_score"),
    ({"practice": "86.55"}, "practice", "too_many_decimals"),
    ({"commitment": False}, "commitment", "no_commitment"),
    ({"commitment": None}, "commitment", "no_commitment"),
    ({"training_certificate": "连理工培 17"}, "training_certificate", "not_a_training_certificate"),
    ({"training_certificate": "培\u200b17"}, "training_certificate", "not_a_training_certificate"),
    ({"training_certificate": "培\ue86317"}, "training_certificate", "not_a_training_certificate"),
    ({"training_certificate": "培１７"}, "training_certificate", "not_a_training_certificate"),
    ({"training_certificate": "=1+1"}, "training_certificate", "not_a_training_certificate"),
    ({"training_certificate": "培" * 65}, "training_certificate", "too_long"),
    ({"training_hours": 0}, "training_hours", "not_training_hours"),
    ({"training_hours": -128}, "training_hours", "not_training_hours"),
    ({"training_hours": 2001}, "training_hours", "not_training_hours"),
    ({"training_hours": 127}, "training_hours", "too_few_hours"),
    ({"training_hours": 128, "level": "senior"}, "training_hours", "too_few_hours"),
    ({"issued_on": "2026-11-07"}, "issued_on", "issued_before_exam"),
    ({"issued_on": "2026-12-22"}, "issued_on", "issued_too_late"),
    ({"issued_on": "2026-11-31"}, "issued_on", "no_such_day"),
    ({"issued_on": "11/09/2026"}, "issued_on", "not_a_date"),
    ({"corrects": "S000221000002262000001"}, "reason", "missing"),
    ({"reason": "姓名有误"}, "corrects", "missing"),
    ({"corrects": "no. 1", "reason": "姓名有误"}, "corrects", "not_a_number_of_ours"),
    ({"corrects": "S000221000002262000001", "reason": "改" * 201}, "reason", "too_long"),
    (
        {"corrects": "S000221000002262000001", "reason": "成绩有误", "theory": "59.9"},
        "corrects",
        "corrects_to_failed",
    ),
    (
        {"corrects": "S000221000002262000001", "reason": "成绩有误", "theory": "absent"},
        "corrects",
        "corrects_to_failed",
    ),
    ({"corrects": "S000221000002262000001", "reason": "\u3000 "}, "reason", "missing"),
    ({"corrects": "S000221000002262000001", "reason": "姓\n名"}, "reason", "invisible_character"),
    (
        {"corrects": "S000221000002262000001", "reason": "应为 110105194912310029"},
        "reason",
        "names_a_person",
    ),
    (
        {"corrects": "S000221000002262000001", "reason": "应为１１０１０５１９４９１２３１００２Ｘ"},
        "reason",
        "names_a_person",
    ),
    ({"name": ""}, "name", "missing"),
    ({"id_number": ""}, "id_number", "missing"),
    ({"theory": ""}, "theory", "missing"),
]


def spoilt(changes):
    return form(row(1), row(2, **changes), row(3))


@pytest.mark.parametrize(("changes", "field", "code"), NAUGHTY_ROWS)
def test_a_naughty_row_of_json_is_named_by_row_and_field(changes, field, code):
    faults = faults_of(read_as_json(spoilt(changes)))

    assert places_and_codes(faults) == [(2, field, code)]
    assert faults[0].message
    assert faults[0].remedy


@pytest.mark.parametrize(("changes", "field", "code"), NAUGHTY_ROWS)
def test_a_naughty_row_of_a_workbook_is_named_by_line_and_heading(changes, field, code):
    faults = faults_of(read_as_workbook(spoilt(changes)))

    assert places_and_codes(faults) == [(3, HEADINGS[field], code)]


NAUGHTY_HEADS = [
    ({"issuer": "S0001"}, "issuer", "other_issuer"),
    ({"issuer": ""}, "issuer", "missing"),
    ({"site": "999999"}, "site", "unknown_site"),
    ({"province": "00"}, "province", "unknown_province"),
    ({"province": "71"}, "province", "unknown_province"),
    ({"exam_started_on": "2026-11-09"}, "exam_ended_on", "ends_before_start"),
    ({"exam_ended_on": "2026-11-21"}, "exam_ended_on", "in_the_future"),
    ({"exam_ended_on": "2026-02-30"}, "exam_ended_on", "no_such_day"),
    ({"exam_started_on": "昨天"}, "exam_started_on", "not_a_date"),
    ({"exam_started_on": "2026-10-01", "exam_ended_on": "2026-10-01"}, "late_reason", "late_without_reason"),
    ({"late_reason": "系统\u200b故障"}, "late_reason", "invisible_character"),
    ({"late_reason": "迟" * 201}, "late_reason", "too_long"),
    ({"late_reason": "核对 11010519491231002X 的证件"}, "late_reason", "names_a_person"),
]


@pytest.mark.parametrize(("changes", "field", "code"), NAUGHTY_HEADS)
def test_a_naughty_head_is_named_in_both_kinds_of_file(changes, field, code):
    assert places_and_codes(faults_of(read_as_json(form(**changes)))) == [(None, field, code)]
    assert places_and_codes(faults_of(read_as_workbook(form(**changes)))) == [(None, HEADINGS[field], code)]


def test_a_reason_is_kept_without_blanks_and_may_quote_the_rarest_character():
    # U+323B0 came with Unicode 17: Python's own table takes it for nothing at all.
    reason = "“\U000323b0”误作“某”"
    said = read_as_json(form(row(1, corrects="S000221000002262000001", reason=f" {reason}\u3000")))

    (result,) = checked(said).rows

    assert result.correction_reason == reason


def test_a_site_in_another_province_is_told_where_it_is():
    only_in_zhejiang = dataclasses.replace(
        view(), sites={place: site for place, site in view().sites.items() if place[0] == "33"}
    )
    faults = faults_of(read_as_json(form()), body=only_in_zhejiang)

    assert places_and_codes(faults) == [(None, "site", "site_elsewhere")]
    assert "浙江" in faults[0].message


def test_all_faults_of_all_rows_are_told_at_once():
    document = form(
        row(1, name="张 三", theory="101", practice="x"),
        row(2, id_number="1"),
        row(3, level="master", edition=9),
        row(1, id_number=resident_id(3), direction="x", issued_on="never"),
        row(5, id_number=resident_id(1), name="李四"),
        exam_started_on="2027-01-01",
        site="1",
    )

    assert sorted(places_and_codes(faults_of(read_as_json(document))), key=str) == sorted(
        [
            (None, "site", "unknown_site"),
            (None, "exam_started_on", "in_the_future"),
            (1, "name", "space_in_name"),
            (1, "theory", "score_out_of_range"),
            (1, "practice", "not_a_score"),
            (2, "id_number", "wrong_shape"),
            (3, "level", "unknown_level"),
            (3, "edition", "unknown_edition"),
            (4, "row", "repeated_row_number"),
            (4, "name", "other_name"),
            (4, "direction", "unknown_direction"),
            (4, "issued_on", "not_a_date"),
            (5, "id_number", "repeated_person"),
        ],
        key=str,
    )


def test_the_readers_faults_and_the_checks_faults_come_together():
    document = form(row(1, theory=86.5, practice="101"), row(2))

    assert places_and_codes(faults_of(read_as_json(document))) == [
        (1, "theory", "wrong_type"),
        (1, "practice", "score_out_of_range"),
    ]


def test_one_number_under_two_names_is_told():
    document = form(row(1, level="junior"), row(2, id_number=resident_id(1).lower(), level="senior"))

    assert places_and_codes(faults_of(read_as_json(document))) == [(2, "name", "other_name")]


def test_one_person_may_sit_for_two_levels():
    first = row(1, level="junior")

    assert faults_of(read_as_json(form(first, {**first, "row": 2, "level": "senior"}))) == ()


def test_one_person_written_in_two_ways_is_one_person():
    first = row(1, id_number="11010519491231002X")
    second = {**first, "row": 2, "id_number": "１１０１０５ 19491231 002ｘ"}

    assert places_and_codes(faults_of(read_as_json(form(first, second)))) == [
        (2, "id_number", "repeated_person")
    ]


def test_one_certificate_is_corrected_once():
    correction = {"corrects": "S000221000002262000001", "reason": "姓名有误"}
    faults = faults_of(read_as_json(form(row(1, **correction), row(2, **correction))))

    assert places_and_codes(faults) == [(2, "corrects", "repeated_correction")]


def test_a_submission_without_rows_is_refused():
    assert places_and_codes(faults_of(read_as_json(form() | {"rows": []}))) == [(None, None, "no_rows")]
    assert [fault.code for fault in faults_of(read_content(write_template(), WORKBOOK_MEDIA_TYPE))] == [
        "missing"
    ] * 5 + ["no_rows"]


def test_json_and_workbook_of_one_form_are_one_submission():
    document = form(
        row(3, direction=None, theory="59.9"),
        row(1, name=" 阿卜杜·买买提 ", issued_on="2026-11-09"),
        row(2, corrects="S000221000002262000001", reason="姓名有误"),
        row(4, practice="absent", training_certificate="连理工培〔2026〕0017", training_hours=160),
        late_reason="系统故障",
    )

    assert checked(read_as_json(document)) == checked(read_as_workbook(document))


def test_a_checked_submission_says_what_was_handed_in():
    document = form(
        row(2, name="\u3000阿卜杜·买买提"), row(1, id_type="passport", id_number="e 12345678", theory="59.9")
    )
    submission = checked(read_as_json(document))
    second, first = submission.rows[1], submission.rows[0]

    assert (submission.issuer, submission.site_code, submission.province) == ("S0002", "000002", "21")
    assert (submission.exam_started_on, submission.exam_ended_on) == (date(2026, 11, 7), date(2026, 11, 8))
    assert not submission.late
    assert (second.name_received, second.name) == ("\u3000阿卜杜·买买提", "阿卜杜·买买提")
    assert (first.id_type, first.id_number) == (IdType.PASSPORT, "E12345678")
    assert (first.occupation, first.direction, first.level) == (Occupation(1, 2021011), 7, Level.INTERMEDIATE)
    assert (first.theory, first.practice, first.passed) == (599, 700, False)
    assert (first.issued_on, first.corrects, first.correction_reason) == (None, None, None)


def test_failed_and_absent_are_handed_in_and_counted():
    document = form(
        row(1, theory="59.9", practice="60"),
        row(2, theory="60.0", practice="60.0"),
        row(3, theory="100", practice="0"),
        row(4, theory="1", practice="1"),
        row(5, theory="absent", practice="absent"),
        row(6, theory="absent", practice="90"),
        row(7, theory="90", practice="absent"),
    )
    counted = statistics(checked(read_as_json(document)).rows)

    assert (counted.entered, counted.passed, counted.failed) == (7, 1, 6)
    assert (counted.passed_theory, counted.passed_practice) == (3, 3)
    assert (counted.absent_theory, counted.absent_practice, counted.absent, counted.present) == (2, 2, 3, 4)
    assert (counted.pass_rate_of_entered, counted.pass_rate_of_present) == (143, 250)


def test_who_was_absent_has_nothing_in_that_paper_and_did_not_pass():
    document = form(row(1, theory="absent", practice="100"), row(2, theory="0"))
    absent, present = checked(read_as_json(document)).rows

    assert (absent.theory, absent.absent_theory, absent.absent_practice, absent.passed) == (
        0,
        True,
        False,
        False,
    )
    assert (present.theory, present.absent_theory, present.passed) == (0, False, False)
    assert checked(read_as_workbook(document)).rows == (absent, present)


@pytest.mark.parametrize(
    ("province", "ended_on", "last_day"),
    [
        ("21", date(2026, 10, 20), date(2026, 11, 20)),
        ("37", date(2026, 10, 21), date(2026, 11, 20)),
        ("37", date(2026, 10, 20), date(2026, 11, 19)),
        ("21", date(2026, 1, 31), date(2026, 2, 28)),
        ("37", date(2026, 1, 31), date(2026, 3, 2)),
    ],
)
def test_a_passed_deadline_makes_a_submission_late_and_its_reason_due(province, ended_on, last_day):
    days = {"province": province, "exam_started_on": str(ended_on), "exam_ended_on": str(ended_on)}
    silent, explained = read_as_json(form(**days)), read_as_json(form(**days, late_reason="系统故障"))
    next_day = last_day + timedelta(days=1)

    assert not checked(silent, today=last_day).late
    (fault,) = faults_of(silent, today=next_day)
    assert (fault.row, fault.column, fault.code) == (None, "late_reason", "late_without_reason")
    assert str(last_day) in fault.message
    assert "1 天" in fault.message
    late = checked(explained, today=next_day)
    assert (late.late, late.late_reason) == (True, "系统故障")


def test_a_reason_on_time_is_kept_and_harms_nobody():
    on_time = checked(read_as_json(form(late_reason="怕来不及")))

    assert (on_time.late, on_time.late_reason) == (False, "怕来不及")


def test_a_workbook_from_before_the_reason_is_asked_for_it_too():
    def without_reason(workbook):
        workbook["考核信息"].delete_rows(6)

    old = read_content(edited(without_reason), WORKBOOK_MEDIA_TYPE)

    assert faults_of(old) == ()
    assert places_and_codes(faults_of(old, today=date(2026, 12, 9))) == [
        (None, "逾期报送原因", "late_without_reason")
    ]


@pytest.mark.parametrize(
    ("started_on", "ended_on", "listed"),
    [
        ("2024-12-31", "2025-01-01", False),
        ("2025-01-01", "2025-01-01", True),
        ("2025-01-01", "2026-11-20", True),
    ],
)
def test_the_listing_counts_on_the_days_of_the_exam(started_on, ended_on, listed):
    days = {"exam_started_on": started_on, "exam_ended_on": ended_on, "late_reason": "补报"}
    faults = faults_of(read_as_json(form(row(1), **days)))

    assert [fault.code for fault in faults] == ([] if listed else ["not_listed"])


def test_a_removed_body_may_still_hand_in_what_it_examined_before():
    removed = dataclasses.replace(
        view(),
        listings=tuple(
            dataclasses.replace(listing, removed_on=date(2026, 11, 9)) for listing in view().listings
        ),
    )

    assert faults_of(read_as_json(form()), body=removed) == ()
    assert faults_of(read_as_json(form(exam_ended_on="2026-11-09")), body=removed)


@pytest.mark.parametrize(
    ("province", "issued_on", "code"),
    [
        ("21", "2026-11-08", None),
        ("21", "2026-11-19", None),
        ("21", "2026-12-21", None),
        ("37", "2026-11-19", "issued_before_approval"),
        ("37", "2026-11-20", "issued_before_approval"),
        ("37", "2026-12-21", "issued_before_approval"),
    ],
)
def test_who_may_set_the_issue_date_depends_on_the_jurisdiction(province, issued_on, code):
    faults = faults_of(read_as_json(form(row(1, issued_on=issued_on), province=province)))

    assert [fault.code for fault in faults] == ([code] if code else [])


def test_names_that_differ_in_one_stroke_are_different_people():
    document = form(row(1, name="张己"), row(2, name="张已"), row(3, name="张巳"))

    assert [result.name for result in checked(read_as_json(document)).rows] == ["张己", "张已", "张巳"]


def test_the_refusal_does_not_quote_id_numbers_in_its_text():
    number = "110105194912310021"
    with pytest.raises(SubmissionRefused) as refusal:
        checked(read_as_json(form(row(1, id_number=number))))

    assert refusal.value.faults[0].value == number
    assert number not in str(refusal.value)


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "text/csv; charset=utf-8",
        "application/vnd.ms-excel",
        "application/json; charset=utf-8",
        "",
        "APPLICATION/JSON",
    ],
)
def test_another_media_type_is_refused_with_those_that_are_read(media_type):
    with pytest.raises(UnsupportedMediaType) as refusal:
        read_content(good_workbook(), media_type)

    assert len(refusal.value.supported) == 3


def test_today_is_the_day_it_is_checked_on():
    assert faults_of(read_as_json(form()), today=THAT_DAY) == ()
    assert {fault.code for fault in faults_of(read_as_json(form()), today=date(2026, 11, 7))} == {
        "in_the_future"
    }


TRAINED = [
    # Big data asks 128 hours of the middle level; of the edition of 2022 the directory knows no hours.
    ({"training_hours": 128}, 128),
    ({"training_hours": 2000}, 2000),
    ({"training_hours": None}, None),
]


@pytest.mark.parametrize(("changes", "hours"), TRAINED)
def test_hours_of_the_standard_are_enough(changes, hours):
    assert checked(read_as_json(form(row(1, **changes)))).rows[0].training_hours == hours


def test_too_few_hours_are_told_with_both_figures():
    (fault,) = faults_of(read_as_json(form(row(1, training_hours=90))))

    assert "90" in fault.message
    assert "128" in fault.message


def test_where_the_directory_knows_no_hours_none_are_asked():
    body = view()
    big_data = Occupation(1, 2021011)
    silent = dataclasses.replace(body.occupations[big_data], hours_intermediate=None)
    without = dataclasses.replace(body, occupations={**body.occupations, big_data: silent})

    assert faults_of(read_as_json(form(row(1, training_hours=1))), body=without) == ()


@pytest.mark.parametrize(
    "number", ["17", "连理工培〔2026〕0017", "A-1_2/3(4)（5）", "张" * 64, "\U00020000\U000323b0", "〇"]
)
def test_a_training_certificate_has_the_number_that_its_institution_gave_it(number):
    results = checked(read_as_workbook(form(row(1, training_certificate=number)))).rows

    assert results[0].training_certificate == number


PHOTO = "0123456789abcdef" * 4


def test_a_photo_is_named_by_its_digest_in_json_alone():
    assert checked(read_as_json(form(row(1, photo=PHOTO)))).rows[0].photo == bytes.fromhex(PHOTO)
    assert checked(read_as_workbook(form(row(1, photo=PHOTO)))).rows[0].photo is None


@pytest.mark.parametrize(
    "photo", [PHOTO.upper(), PHOTO[:-1], PHOTO + "0", "photo.jpg", " " + PHOTO, PHOTO + "\n"]
)
def test_what_is_no_digest_names_no_photo(photo):
    assert places_and_codes(faults_of(read_as_json(form(row(1, photo=photo))))) == [
        (1, "photo", "not_a_photo_digest")
    ]


COUNTS = {
    "entered": 3,
    "absent_theory": 0,
    "absent_practice": 1,
    "absent": 1,
    "passed_theory": 3,
    "passed_practice": 2,
    "passed": 2,
    "failed": 1,
}


def counted_by_the_body(**changes):
    return read_as_json(form(row(1), row(2), row(3, practice="absent"), statistics={**COUNTS, **changes}))


def test_a_body_may_count_too_and_must_count_right():
    assert faults_of(counted_by_the_body()) == ()
    for name, count in COUNTS.items():
        (fault,) = faults_of(counted_by_the_body(**{name: count + 41}))
        assert (fault.row, fault.column, fault.code) == (None, "statistics", "wrong_statistics")
        assert f"{count + 41}，按各行成绩应为 {count}" in fault.message


def test_each_figure_that_differs_is_named():
    (fault,) = faults_of(counted_by_the_body(absent=0, passed=3))

    assert "缺考人数为 0" in fault.message
    assert "合格人数为 3" in fault.message
    assert "参加人数" not in fault.message


def test_counts_are_not_held_against_rows_that_are_wrong():
    document = form(row(1), row(2, theory="x"), statistics={**COUNTS, "entered": 7})

    assert places_and_codes(faults_of(read_as_json(document))) == [(2, "theory", "not_a_score")]


@pytest.mark.parametrize("read", [read_as_json, read_as_workbook, read_as_csv])
def test_a_passport_number_with_an_e_among_digits_is_one_in_every_kind_of_file(read):
    (result,) = checked(read(form(row(1, id_type="passport", id_number="12E4567")))).rows

    assert result.id_number == "12E4567"
