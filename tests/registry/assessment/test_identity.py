"""ID numbers are accepted by their own rules, and refused with what to do about it."""

from datetime import date

import pytest

from registry.assessment.errors import CellRefused
from registry.assessment.identity import check_character, lawful_number
from signing.id_check import IdType
from tests.instants import THAT_DAY


def completed(first_seventeen):
    return first_seventeen + check_character(first_seventeen)


RESIDENT, PERMIT, RESIDENT_CARD = IdType.RESIDENT_ID, IdType.RESIDENCE_PERMIT, IdType.PERMANENT_RESIDENCE_ID
HK, TAIWAN, PASSPORT = IdType.HK_MACAO_PERMIT, IdType.TAIWAN_PERMIT, IdType.PASSPORT

ACCEPTED = [
    # The standard's own vectors, and the one that ready-made validators crash on.
    (RESIDENT, "11010519491231002X", "11010519491231002X"),
    (RESIDENT, "440524188001010014", "440524188001010014"),
    (RESIDENT, "34052419800101001X", "34052419800101001X"),
    # Areas that are newer than the tables of ready-made validators.
    (RESIDENT, completed("33011319900101001"), None),
    (RESIDENT, completed("65901019900101001"), None),
    (RESIDENT, completed("46040019900101001"), None),
    (RESIDENT, completed("71000019900101001"), None),
    (RESIDENT, completed("11010520000229001"), None),
    # One number, many writings.
    (RESIDENT, "11010519491231002x", "11010519491231002X"),
    (RESIDENT, "11010519491231002Ⅹ", "11010519491231002X"),
    (RESIDENT, "11010519491231002ⅹ", "11010519491231002X"),
    (RESIDENT, "１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
    (RESIDENT, " 110105 19491231 002X\u3000", "11010519491231002X"),
    (PERMIT, completed("81000019900101001"), None),
    (PERMIT, completed("82000019900101001"), None),
    (PERMIT, completed("83000019900101001"), None),
    (RESIDENT_CARD, completed("91115619900101001"), None),
    (RESIDENT_CARD, "usa310119800101".upper(), "USA310119800101"),
    (HK, "h12345678", "H12345678"),
    (HK, "M1234567801", "M1234567801"),
    (TAIWAN, "12345678", "12345678"),
    (TAIWAN, "1234567801", "1234567801"),
    (TAIWAN, "T1234567", "T1234567"),
    (PASSPORT, "E12345678", "E12345678"),
    (PASSPORT, "g1234", "G1234"),
]

REFUSED = [
    (RESIDENT, "110105194912310021", "wrong_check_digit"),
    (RESIDENT, "440524188001010024", "wrong_check_digit"),
    (RESIDENT, "11010519491231002", "wrong_shape"),
    (RESIDENT, "11010519491231002XX", "wrong_shape"),
    (RESIDENT, "1101051949123100ＸX", "wrong_shape"),
    (RESIDENT, "11010519491231002Y", "wrong_shape"),
    (RESIDENT, "'11010519491231002X", "wrong_shape"),
    (RESIDENT, "١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "wrong_shape"),
    (RESIDENT, "110105491231002", "old_resident_id"),
    (RESIDENT, "1.10105194912310E+17", "scientific_notation"),
    (RESIDENT, "1.10105E17", "scientific_notation"),
    (RESIDENT, completed("11010519900229001"), "no_such_birth_date"),
    (RESIDENT, completed("11010519000229001"), "no_such_birth_date"),
    (RESIDENT, completed("11010519901301001"), "no_such_birth_date"),
    (RESIDENT, completed("11010500000101001"), "no_such_birth_date"),
    (RESIDENT, completed("11010520261121001"), "born_in_the_future"),
    (RESIDENT, completed("01010519900101001"), "unknown_province"),
    (RESIDENT, completed("66010519900101001"), "unknown_province"),
    (RESIDENT, completed("81010519900101001"), "unknown_province"),
    (RESIDENT, completed("81000019900101001"), "other_id_type"),
    (RESIDENT, completed("83000019900101001"), "other_id_type"),
    (RESIDENT, completed("91115619900101001"), "other_id_type"),
    (PERMIT, "11010519491231002X", "wrong_prefix"),
    (PERMIT, completed("81000119900101001"), "wrong_prefix"),
    (PERMIT, "810000199001010010", "wrong_check_digit"),
    (PERMIT, completed("83000019900230001"), "no_such_birth_date"),
    (RESIDENT_CARD, "911156199001010011", "wrong_check_digit"),
    (RESIDENT_CARD, "US3101198001011", "wrong_shape"),
    (RESIDENT_CARD, "11010519491231002X", "wrong_shape"),
    (HK, "C12345678", "wrong_shape"),
    (HK, "H123456789", "wrong_shape"),
    (TAIWAN, "123456789", "wrong_shape"),
    (PASSPORT, "E123", "wrong_shape"),
    (PASSPORT, "E1234-5678", "wrong_shape"),
    (PASSPORT, "E12345678901234567", "wrong_shape"),
    (PASSPORT, "", "wrong_shape"),
]


@pytest.mark.parametrize(("id_type", "typed", "canonical"), ACCEPTED)
def test_a_lawful_number_is_accepted_in_one_form(id_type, typed, canonical):
    assert lawful_number(id_type, typed, today=THAT_DAY) == (canonical or typed)


@pytest.mark.parametrize(("id_type", "typed", "code"), REFUSED)
def test_an_unlawful_number_is_refused(id_type, typed, code):
    with pytest.raises(CellRefused) as refusal:
        lawful_number(id_type, typed, today=THAT_DAY)

    assert refusal.value.code == code
    assert refusal.value.message
    assert refusal.value.remedy


def test_the_standards_body_has_its_check_character():
    assert check_character("34052419800101001") == "X"


def test_someone_born_today_has_a_number():
    born_today = completed("11010520261120001")

    assert lawful_number(RESIDENT, born_today, today=THAT_DAY) == born_today
    with pytest.raises(CellRefused):
        lawful_number(RESIDENT, born_today, today=date(2026, 11, 19))


def test_every_single_wrong_digit_is_noticed():
    number = "11010519491231002X"
    for place in range(17):
        for digit in "0123456789":
            if digit != number[place]:
                with pytest.raises(CellRefused):
                    lawful_number(RESIDENT, number[:place] + digit + number[place + 1 :], today=THAT_DAY)
