"""The demo's people: as many, as rare and as wrong as the demo says."""

from collections import Counter
from datetime import date

from registry.operator.demo_candidates import DemoBody, DemoRow, first_hand_in, mended

CENTRE = DemoBody.MIIT_EDUCATION_AND_EXAMINATION_CENTRE
INSTITUTE = DemoBody.INSTITUTE_OF_ELECTRONICS


def everybody() -> list[DemoRow]:
    return [row for body in DemoBody for row in mended(body)]


def check_digit_holds(number: str) -> bool:
    """GB 11643 by the definition of ISO 7064: the value of all eighteen, powers of 2, is 1 modulo 11."""
    digits = [10 if character == "X" else int(character) for character in number]
    return len(digits) == 18 and sum(digit << (17 - place) for place, digit in enumerate(digits)) % 11 == 1


def has_eighteen_digits(row: DemoRow) -> bool:
    return row.id_type in {"resident_id", "residence_permit"}


def test_two_hundred_people_sit_for_two_bodies():
    assert {body: len(mended(body)) for body in DemoBody} == {CENTRE: 120, INSTITUTE: 80}
    assert [row.row for row in mended(CENTRE)] == list(range(1, 121))
    assert [row.row for row in mended(INSTITUTE)] == list(range(1, 81))


def test_each_body_examines_its_own_occupations():
    assert {row.occupation for row in mended(CENTRE)} == {"2-02-10-10", "2-02-10-11"}
    assert {row.occupation for row in mended(INSTITUTE)} == {"2-02-10-15"}
    assert {row.edition for row in everybody()} == {1}


def test_every_occupation_has_all_levels():
    assert len({(row.occupation, row.level) for row in everybody()}) == 9
    assert {row.level for row in everybody()} == {"junior", "intermediate", "senior"}


def test_exactly_five_fail_and_each_in_one_paper():
    below = [sum(float(score) < 60 for score in (row.theory, row.practice)) for row in everybody()]

    assert Counter(below) == {0: 195, 1: 5}


def test_scores_are_text_with_one_decimal_up_to_100():
    for row in everybody():
        for score in (row.theory, row.practice):
            assert f"{float(score):.1f}" == score
            assert 0 <= float(score) <= 100


def test_the_rare_names_are_there():
    names = [row.name for row in everybody()]

    assert any("䶮" in name for name in names)
    assert any("𬭸" in name for name in names)
    assert [len(name) for name in names if "·" in name] == [19]


def test_nobody_comes_twice():
    people = everybody()

    assert len({row.name for row in people}) == len({row.id_number for row in people}) == 200


def test_every_check_digit_is_right_after_the_mending():
    numbers = [row.id_number for row in everybody() if has_eighteen_digits(row)]

    assert len(numbers) == 196
    assert all(check_digit_holds(number) for number in numbers)


def test_residents_were_born_between_1970_and_2004():
    births = [row.id_number[6:14] for row in everybody() if row.id_type == "resident_id"]
    years = {date(int(birth[:4]), int(birth[4:6]), int(birth[6:])).year for birth in births}

    assert min(years) >= 1970
    assert max(years) <= 2004


def test_no_number_names_a_county_so_that_it_is_nobodys():
    assert {row.id_number[4:6] for row in everybody() if row.id_type == "resident_id"} == {"00"}


def test_a_few_have_another_document():
    assert Counter(row.id_type for row in everybody()) == {
        "resident_id": 195,
        "passport": 2,
        "residence_permit": 1,
        "hk_macao_permit": 1,
        "taiwan_permit": 1,
    }


def test_the_first_hand_in_has_one_wrong_check_digit_and_one_impossible_score():
    wrong = [
        (first, right)
        for first, right in zip(first_hand_in(CENTRE), mended(CENTRE), strict=True)
        if first != right
    ]

    assert len(wrong) == 2
    (number_row, right_number_row), (score_row, right_score_row) = wrong
    assert not check_digit_holds(number_row.id_number)
    assert number_row.id_number[:17] == right_number_row.id_number[:17]
    assert score_row.practice == "160.0"
    assert float(right_score_row.practice) <= 100


def test_the_other_body_makes_no_mistake():
    assert first_hand_in(INSTITUTE) == mended(INSTITUTE)


def test_the_rows_are_the_same_every_time():
    assert everybody() == everybody()
    assert mended(CENTRE)[11].id_number == "320100199305128058"
