"""Names: what is on the card is taken as it is; what is no name is sent back, with what to do about it."""

import unicodedata
from contextlib import suppress

import pytest

from registry.assessment.errors import CellRefused
from registry.assessment.han_characters import is_han
from registry.assessment.holder_name import normal_name

ACCEPTED = [
    # (a) ordinary
    "张三",
    "欧阳修",
    "李",
    # (b) every block of ideographs, newest first: Python's own table may not know the last ones
    *(
        f"张{chr(code)}"
        for code in (0x3400, 0x4DBF, 0x9FA6, 0x9FBB, 0x9FFC, 0x20000, 0x2A6D6, 0x2A700, 0x2B738)
    ),
    *(f"张{chr(code)}" for code in (0x2B740, 0x2B820, 0x2CEB0, 0x2EBF0, 0x30000, 0x31350, 0x323B0, 0x33479)),
    # (c) characters that old systems had in private use
    "张䶮",
    "㼆𬱖",
    "张𬭸䶮",
    # (d) unified ideographs that stand among the compatibility ones
    *(f"张{character}" for character in "﨎﨏﨑﨓﨔﨟﨡﨣﨤﨧﨨﨩"),
    # (g) middle dot, long names
    "阿卜杜热西提·阿卜杜克热木·买买提",
    "艾力·" + "买" * 40,
    # (h) other scripts
    "ئابدۇرەھىم",
    "བསྟན་འཛིན".replace("་", " "),
    "ᠪᠠᠲᠤ",
    "Anna-Maria O'Neil",
    "José Ångström",
    "Nguyễn Văn An",
    "สำราญ",
    "Նարեկ",
    # (j), (k) alike, and different
    "己",
    "已",
    "巳",
    "未",
    "末",
    "龑",
    "〇",
    "陈〇〇",
    "佐々木",
]

REFUSED = [
    # (c) private use
    ("张\ue863", "private_use"),
    *(
        (f"张{private}", "private_use")
        for private in "\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864\uf8ff"
    ),
    ("张\U000f0000", "private_use"),
    # (d) compatibility ideographs
    ("\uf9f5", "compatibility_ideograph"),
    ("李\uf90a", "compatibility_ideograph"),
    ("李\U0002f800", "compatibility_ideograph"),
    # (e) radicals
    ("李⼦", "radical"),
    ("李⺟", "radical"),
    ("李⻤", "radical"),
    # (f) variation sequences
    ("辻\U000e0100", "variation_selector"),
    ("辻\ufe00", "variation_selector"),
    ("ᠠ\u180b", "variation_selector"),
    # (g) wrong middle dots
    *((f"艾力{dot}买买提", "wrong_middle_dot") for dot in "•・‧．.･∙⋅\u0387。"),
    # (h) invisible and directional
    ("张\u200d三", "invisible_character"),
    ("张\u200c三", "invisible_character"),
    ("\u202e三张", "invisible_character"),
    ("张三\ufeff", "invisible_character"),
    ("张\u00ad三", "invisible_character"),
    ("张\u3164三", "invisible_character"),
    ("张\u034f三", "invisible_character"),
    ("张\x00三", "invisible_character"),
    ("张\n三", "invisible_character"),
    ("张三\t", "invisible_character"),
    ("张\u2028三", "invisible_character"),
    ("张\ud800", "invisible_character"),
    ("\u0301张", "wrong_beginning"),
    ("a" + "\u0301" * 20, "too_many_marks"),
    # (i) blanks
    ("张 三", "space_in_name"),
    ("张\u3000三", "wrong_space"),
    ("Anna\u00a0Maria", "wrong_space"),
    ("Anna  Maria", "repeated_joiner"),
    ("", "missing"),
    ("   ", "missing"),
    # (l) what Excel and the like make of names
    ("=张三", "symbol"),
    ("=HYPERLINK(1)", "symbol"),
    ("+张三", "symbol"),
    ("-张三", "wrong_beginning"),
    ("@张三", "symbol"),
    ("1E10", "digit"),
    ("2026-10-11", "digit"),
    ("张三2", "digit"),
    ("张三２", "digit"),
    ("张①", "digit"),
    ("'张三", "wrong_beginning"),
    ("张三·", "wrong_end"),
    ("艾力··买买提", "repeated_joiner"),
    ("艾力-·买买提", "repeated_joiner"),
    # signs, pictures, variant letters
    ("张三😀", "symbol"),
    ("张?", "symbol"),
    ("张\ufffd", "symbol"),
    ("张*", "symbol"),
    ("张(三)", "symbol"),
    ("<b>张</b>", "symbol"),
    ("{{7*7}}", "symbol"),
    ("Ａｎｎａ", "variant_letter"),
    ("𝐀𝐧𝐧𝐚", "variant_letter"),
    ("ﬁona", "variant_letter"),
    ("ﺍﻟ", "variant_letter"),
    ("Anna–Maria", "wrong_hyphen"),
    ("O’Neil", "wrong_apostrophe"),
    ("张\u0378", "unassigned_character"),
    ("张\U0002fffe", "unassigned_character"),
    # length
    ("张" * 57, "name_too_long"),
    ("𠀀" * 43, "name_too_long"),
]


@pytest.mark.parametrize("name", ACCEPTED)
def test_a_name_is_taken_as_it_is(name):
    assert normal_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize(("name", "code"), REFUSED)
def test_what_is_not_a_name_is_sent_back(name, code):
    with pytest.raises(CellRefused) as refusal:
        normal_name(name)

    assert refusal.value.code == code
    assert refusal.value.remedy


def test_outer_blanks_are_cut_and_decomposed_letters_composed():
    assert normal_name("\u3000张三 \u00a0") == "张三"
    assert normal_name("Jose\u0301") == "José"


def test_a_name_may_fill_its_168_bytes():
    assert normal_name("张" * 56) == "张" * 56
    assert normal_name("𠀀" * 42) == "𠀀" * 42


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("张\ue863", "䶮"),
        ("张\ue81e", "\u9fb4"),
        ("李⼦", "子"),
        ("李\uf90a", "金"),
        ("Ａnna", "A"),
        ("辻⼁", "丨"),
    ],
)
def test_the_right_character_is_suggested_and_not_put_in(name, right):
    with pytest.raises(CellRefused) as refusal:
        normal_name(name)

    assert f"“{right}”" in refusal.value.remedy


def test_every_compatibility_ideograph_is_refused_or_unchanged():
    codes = [*range(0xF900, 0xFAFF), *range(0x2F800, 0x2FA1E)]
    assigned = [chr(code) for code in codes if unicodedata.category(chr(code)) != "Cn"]
    changing = [character for character in assigned if unicodedata.normalize("NFC", character) != character]
    assert len(changing) == 1002

    for character in changing:
        with pytest.raises(CellRefused):
            normal_name(f"张{character}")
    assert all(is_han(character) for character in set(assigned) - set(changing))


def test_every_kangxi_radical_is_refused_with_its_character():
    for code in range(0x2F00, 0x2FD6):
        with pytest.raises(CellRefused) as refusal:
            normal_name(f"张{chr(code)}")
        assert f"“{unicodedata.normalize('NFKC', chr(code))}”" in refusal.value.remedy


def test_every_single_character_is_kept_or_sent_back():
    for code in (
        *range(0x11000),
        *range(0x1D000, 0x20100),
        *range(0x2F800, 0x2FA20),
        *range(0xE0000, 0xE0200),
    ):
        character = chr(code)
        with suppress(CellRefused):
            assert normal_name(character) == unicodedata.normalize("NFC", character)
