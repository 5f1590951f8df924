"""统一社会信用代码: shape and check character of GB 32100-2015."""

import pytest

from registry.directory.uscc import ALPHABET, WEIGHTS, check_character, lawful_uscc

VALID = ["91110000101623741K", "911101066976941872", "91350100M000100Y43"]

REFUSED = [
    # Goes about as valid in a blog; its check character is 7.
    ("91310115MA1H8R7C6D", "校验码"),
    # Reported as a real company's; its check character would be R.
    ("91350211M0000XUF46", "校验码"),
    ("91110000101623741k ", "18 位"),
    (" 91110000101623741K", "18 位"),
    ("91110000101623741", "18 位"),
    ("", "18 位"),
    ("９１１１００００１０１６２３７４１Ｋ", "18 位"),
    ("9111000010162374١K", "18 位"),
    ("91110000I01623741K", "“I”"),
    ("91110000O01623741K", "“O”"),
    ("91110000101623741S", "“S”"),
    ("9111000010162374VK", "“V”"),
    ("9111000010162Z741K", "“Z”"),
    ("91110000-01623741K", "“-”"),
    ("91A10000101623741K", "区划码"),
]


@pytest.mark.parametrize("code", VALID)
def test_a_lawful_code_is_accepted_in_capitals(code):
    assert lawful_uscc(code) == code
    assert lawful_uscc(code.lower()) == code


@pytest.mark.parametrize(("typed", "why"), REFUSED)
def test_what_is_no_code_is_refused_with_the_reason(typed, why):
    with pytest.raises(ValueError, match=why):
        lawful_uscc(typed)


def test_the_check_characters_that_were_mistaken():
    assert check_character("91310115MA1H8R7C6") == "7"
    assert check_character("91350211M0000XUF4") == "R"


def test_the_weights_are_those_of_the_standard():
    assert WEIGHTS == (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def test_a_remainder_of_nothing_is_written_0():
    # Published snippets look for a thirty-second character here, and find none.
    bodies = [f"9111000010162{number:04d}" for number in range(300)]
    codes = [body + check_character(body) for body in bodies]

    assert {code[-1] for code in codes} == set(ALPHABET)
    assert any(code.endswith("0") for code in codes)
    assert [lawful_uscc(code) for code in codes] == codes


def test_every_single_wrong_character_is_noticed():
    code = VALID[0]
    for place in range(18):
        for character in ALPHABET:
            if character != code[place]:
                with pytest.raises(ValueError, match=r"."):
                    lawful_uscc(code[:place] + character + code[place + 1 :])
