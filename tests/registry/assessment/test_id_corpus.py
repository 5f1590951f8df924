"""ID numbers as clerks write them: taken, brought into their one form, or sent back with the reason.

Every type of document, each way of writing that Excel, PDFs and input methods bring about, each wrong that happens.
"""

import pytest

from registry.assessment.errors import CellRefused
from registry.assessment.identity import check_character, lawful_number
from signing.id_check import IdType
from tests.instants import THAT_DAY


def whole(first_seventeen):
    """Return the number with its check character."""
    return first_seventeen + check_character(first_seventeen)


def wrong(first_seventeen):
    """Return the number with another check character than its own."""
    return first_seventeen + ("7" if check_character(first_seventeen) != "7" else "4")


OWN, X_OWN = "440524188001010014", "11010519491231002X"
PERMIT = whole("83000019900101001")
CARD_2023, CARD_2017 = whole("91115619900101001"), "USA310119800101"
PROVINCES = (
    *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42"),
    *("43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71"),
)

TAKEN = {
    IdType.RESIDENT_ID: [
        OWN,
        X_OWN,
        "34052419800101001X",
        *(whole(f"{province}010119900101001") for province in PROVINCES),
        # Counties that were abolished, and areas that ready-made tables do not know yet.
        whole("11010319700101001"),
        whole("51020219700101001"),
        whole("33011319900101001"),
        whole("65901019900101001"),
        whole("21999919900101001"),
        # Days that exist.
        whole("21010220000229001"),
        whole("21010220040229001"),
        whole("21010219000228001"),
        whole("21010220261120001"),
        whole("21010218850101001"),
        whole("21010219900101000"),
        whole("21010219900101999"),
    ],
    IdType.RESIDENCE_PERMIT: [
        whole("81000019900101001"),
        whole("82000019900101002"),
        PERMIT,
        whole("81000020000229003"),
    ],
    IdType.PERMANENT_RESIDENCE_ID: [
        CARD_2023,
        whole("93101519850630123"),
        whole("91100019990101999"),
        CARD_2017,
        "DEU110119900101",
        "ABC000000000000",
        "EEE000000000000",
    ],
    IdType.HK_MACAO_PERMIT: ["H12345678", "M12345678", "H1234567801", "M0000000099"],
    IdType.TAIWAN_PERMIT: ["12345678", "00000001", "1234567801", "T1234567", "A0000000", "E1234567"],
    IdType.PASSPORT: [
        "E12345678",
        "EA1234567",
        "G1234",
        "123456789",
        "AB12345678901234X",
        "12E4567",
        "1E123",
        "00E00",
        "1234567E89",
    ],
}

# As typed, and as it will be kept.
NORMALISED = {
    IdType.RESIDENT_ID: [
        ("11010519491231002x", X_OWN),
        ("11010519491231002Ｘ", X_OWN),
        ("11010519491231002ｘ", X_OWN),
        ("11010519491231002\u2169", X_OWN),
        ("11010519491231002\u2179", X_OWN),
        ("１１０１０５１９４９１２３１００２Ｘ", X_OWN),
        ("110105 19491231 002X", X_OWN),
        ("110105\u00a019491231\u00a0002X", X_OWN),
        ("\u3000440524188001010014\u3000", OWN),
        ("440524188001010014\n", OWN),
        ("\t440524188001010014", OWN),
        ("44052418800101001４", OWN),
    ],
    IdType.RESIDENCE_PERMIT: [(f" {PERMIT.lower()} ", PERMIT), (PERMIT[:6] + " " + PERMIT[6:], PERMIT)],
    IdType.PERMANENT_RESIDENCE_ID: [
        ("usa310119800101", CARD_2017),
        ("ＵＳＡ310119800101", CARD_2017),
        (CARD_2023.lower(), CARD_2023),
    ],
    IdType.HK_MACAO_PERMIT: [
        ("h12345678", "H12345678"),
        ("Ｈ1234 5678", "H12345678"),
        ("m1234567801", "M1234567801"),
    ],
    IdType.TAIWAN_PERMIT: [
        ("t1234567", "T1234567"),
        ("１２３４５６７８", "12345678"),
        ("1234 5678", "12345678"),
    ],
    IdType.PASSPORT: [
        ("e12345678", "E12345678"),
        ("Ｅ１２３４５６７８", "E12345678"),
        ("E 1234 5678", "E12345678"),
        ("12e4567", "12E4567"),
        ("１２Ｅ４５６７", "12E4567"),
    ],
}

REFUSED = {
    IdType.RESIDENT_ID: [
        (wrong("44052418800101001"), "wrong_check_digit"),
        ("110105194912310020", "wrong_check_digit"),
        ("110105194912310029", "wrong_check_digit"),
        # Two digits changed places.
        ("440524188001010041", "wrong_check_digit"),
        ("404524188001010014", "unknown_province"),
        # What Excel makes of a number: fifteen digits are left.
        ("440524188001010000", "wrong_check_digit"),
        ("4.40524E+17", "scientific_notation"),
        ("4.40524188001010E+17", "scientific_notation"),
        ("4.40524e17", "scientific_notation"),
        # Cut off, doubled, of an older kind.
        ("44052418800101001", "wrong_shape"),
        ("4405241880010100145", "wrong_shape"),
        (OWN + OWN, "wrong_shape"),
        ("440524880101001", "old_resident_id"),
        ("110105491231002", "old_resident_id"),
        ("", "wrong_shape"),
        # Signs that do not belong.
        ("'440524188001010014", "wrong_shape"),
        ("440524-18800101-0014", "wrong_shape"),
        ("440524188001010014.0", "wrong_shape"),
        ("4405241880010100l4", "wrong_shape"),
        ("44052418800101OO14", "wrong_shape"),
        ("X40524188001010014", "wrong_shape"),
        ("11010519491231002Y", "wrong_shape"),
        ("11010519491231002\u0425", "wrong_shape"),
        ("11010519491231002\u00d7", "wrong_shape"),
        ("11010519491231002*", "wrong_shape"),
        ("440524********0014", "wrong_shape"),
        ("44052418800101001\u200b4", "wrong_shape"),
        ("٤٤٠٥٢٤١٨٨٠٠١٠١٠٠١٤", "wrong_shape"),
        ("四四零五二四一八八零零一零一零零一四", "wrong_shape"),
        # Days that do not exist.
        (whole("21010219900229001"), "no_such_birth_date"),
        (whole("21010219000229001"), "no_such_birth_date"),
        (whole("21010219900431001"), "no_such_birth_date"),
        (whole("21010219901301001"), "no_such_birth_date"),
        (whole("21010219900001001"), "no_such_birth_date"),
        (whole("21010219900100001"), "no_such_birth_date"),
        (whole("21010200000101001"), "no_such_birth_date"),
        (whole("21010220261121001"), "born_in_the_future"),
        (whole("21010229990101001"), "born_in_the_future"),
        # Provinces that are none.
        (whole("00010119900101001"), "unknown_province"),
        (whole("10010119900101001"), "unknown_province"),
        (whole("66010119900101001"), "unknown_province"),
        (whole("81010119900101001"), "unknown_province"),
        (whole("82010119900101001"), "unknown_province"),
        (whole("83010119900101001"), "unknown_province"),
        # Another document.
        (PERMIT, "other_id_type"),
        (whole("81000019900101001"), "other_id_type"),
        (CARD_2023, "other_id_type"),
        ("H12345678", "wrong_shape"),
        ("E12345678", "wrong_shape"),
    ],
    IdType.RESIDENCE_PERMIT: [
        (OWN, "wrong_prefix"),
        (whole("84000019900101001"), "wrong_prefix"),
        (whole("81000119900101001"), "wrong_prefix"),
        (wrong("81000019900101001"), "wrong_check_digit"),
        (whole("81000019900230001"), "no_such_birth_date"),
        (whole("83000020270101001"), "born_in_the_future"),
        ("H12345678", "wrong_shape"),
        (PERMIT[:-1], "wrong_shape"),
    ],
    IdType.PERMANENT_RESIDENCE_ID: [
        (wrong("91115619900101001"), "wrong_check_digit"),
        (OWN, "wrong_shape"),
        ("US3101198001011", "wrong_shape"),
        ("USAX10119800101", "wrong_shape"),
        ("USA3101198001011", "wrong_shape"),
        (CARD_2023[:-1], "wrong_shape"),
    ],
    IdType.HK_MACAO_PERMIT: [
        ("12345678", "wrong_shape"),
        ("C12345678", "wrong_shape"),
        ("H1234567", "wrong_shape"),
        ("H123456789", "wrong_shape"),
        ("H12345678012", "wrong_shape"),
        ("1E1234567", "wrong_shape"),
        ("1.2E+8", "scientific_notation"),
        ("HA2345678", "wrong_shape"),
    ],
    IdType.TAIWAN_PERMIT: [
        ("1234567", "wrong_shape"),
        ("123456789", "wrong_shape"),
        ("T12345678", "wrong_shape"),
        ("TT123456", "wrong_shape"),
        ("1.2345678E7", "scientific_notation"),
        ("1.23E+7", "scientific_notation"),
        ("12E45678", "wrong_shape"),
    ],
    IdType.PASSPORT: [
        ("E123", "wrong_shape"),
        ("E12345678901234567", "wrong_shape"),
        ("E1234-5678", "wrong_shape"),
        ("护照E1234", "wrong_shape"),
        ("E12345678/G1234", "wrong_shape"),
        ("=E12345678", "wrong_shape"),
        ("1E10", "wrong_shape"),
        ("12.E45", "scientific_notation"),
        ("1.2E4567", "scientific_notation"),
        ("1.23E+15", "scientific_notation"),
        ("1E+15", "scientific_notation"),
        ("1E-15", "scientific_notation"),
    ],
}


def cases(table):
    return [
        (id_type, *(case if isinstance(case, tuple) else (case,)))
        for id_type in table
        for case in table[id_type]
    ]


def test_the_corpus_is_of_its_size_and_every_type_is_in_each_table():
    assert len(cases(TAKEN)) + len(cases(NORMALISED)) + len(cases(REFUSED)) >= 150
    assert set(TAKEN) == set(NORMALISED) == set(REFUSED) == set(IdType)


@pytest.mark.parametrize(("id_type", "number"), cases(TAKEN))
def test_a_lawful_number_is_taken_as_it_is(id_type, number):
    assert lawful_number(id_type, number, today=THAT_DAY) == number


@pytest.mark.parametrize(("id_type", "typed", "kept"), cases(NORMALISED))
def test_a_number_written_otherwise_is_kept_in_its_one_form(id_type, typed, kept):
    assert lawful_number(id_type, typed, today=THAT_DAY) == kept


@pytest.mark.parametrize(("id_type", "typed", "code"), cases(REFUSED))
def test_what_can_be_no_number_of_this_type_is_sent_back(id_type, typed, code):
    with pytest.raises(CellRefused) as refusal:
        lawful_number(id_type, typed, today=THAT_DAY)

    assert refusal.value.code == code
    assert refusal.value.message
    assert refusal.value.remedy
