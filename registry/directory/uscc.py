"""统一社会信用代码 (GB 32100-2015): is this a lawful code of an organisation?

Eighteen characters of 31 (no I, O, S, V, Z): who registered it, its kind, six digits of its place, nine of its
own, and a check character over the seventeen before it. The nine have a check of their own (GB 11714), which early
codes do not keep, so it is not asked for. A few early codes that are really in use fail even the last
character; whether one of those counts is not for this function to say.
"""

from typing import Final

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH: Final = 18
_PLACE: Final = slice(2, 8)
# 3^(i-1) mod 31.
WEIGHTS: Final = tuple(pow(3, place, 31) for place in range(LENGTH - 1))


def lawful_uscc(typed: str) -> str:
    """Return the code in capitals; raise ``ValueError`` with a 中文 reason if it can not be one."""
    code = typed.upper()
    # 1. The shape.
    if len(code) != LENGTH or not typed.isascii():
        raise ValueError(f"应为 {LENGTH} 位（现为 {len(code)} 位半角字符）")
    wrong = next((character for character in code if character not in ALPHABET), None)
    if wrong is not None:
        raise ValueError(f"含有不使用的字符“{wrong}”；代码只用数字和除 I、O、S、V、Z 以外的大写字母")
    if not code[_PLACE].isdecimal():
        raise ValueError("第 3 至 8 位是登记机关行政区划码，应为数字")
    # 2. The check character.
    if check_character(code[:-1]) != code[-1]:
        raise ValueError("校验码不符，代码至少有一位填错")
    return code


def check_character(first_seventeen: str) -> str:
    """Return the check character; 31 minus a remainder of 0 is written 0, as there is no thirty-second character."""
    weighed = zip(first_seventeen, WEIGHTS, strict=True)
    total = sum(ALPHABET.index(character) * weight for character, weight in weighed)
    return ALPHABET[-total % 31]
