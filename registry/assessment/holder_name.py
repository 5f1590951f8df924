"""A holder's name: the one form that will be signed, or what the clerk has to mend (姓名).

What is signed is exactly what the submitter approved, so nothing is put right in silence: only outer blanks
are cut and NFC is applied, which changes no character into another (compatibility ideographs, whose NFC is
another character, are refused). Names that look alike, 己 已 巳 or 龑 䶮, are different names and stay so.
"""

import unicodedata

from registry.assessment.errors import CellRefused
from registry.assessment.han_characters import is_compatibility_ideograph, is_han, meant_for
from signing.statement import MAX_NAME_BYTES

MIDDLE_DOT = "\u00b7"
MAX_MARKS_IN_A_ROW = 6

_OUTER_BLANKS = " \u00a0\u3000"
_WRONG_BLANKS = "\u00a0\u3000\u2002\u2003\u2009\u202f"
# • ・ ‧ ． . ･ ∙ ⋅ · (Greek ano teleia, which NFC would fold) 。｡ and the dots of lists.
_WRONG_DOTS = frozenset(
    "\u2022\u30fb\u2027\uff0e.\uff65\u2219\u22c5\u0387\u25cf\u25e6\u2024\ua78f\u3002\uff61"
)
_WRONG_HYPHENS = frozenset("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\ufe63")
_WRONG_APOSTROPHES = frozenset("\u2018\u2019\u02bc\u2032\uff07\u0060\u00b4")
_JOINERS = frozenset(" -'" + MIDDLE_DOT)
_VARIATION_SELECTORS = (
    ("\ufe00", "\ufe0f"),
    ("\U000e0100", "\U000e01ef"),
    ("\u180b", "\u180d"),
    ("\u180f", "\u180f"),
)
# Letters and marks that show nothing: fillers of Hangul, a grapheme joiner, inherent vowels of Khmer.
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5")
# Letters of living scripts that have a compatibility decomposition and no other writing: Thai, Lao, Armenian.
_PROPER_LETTERS = frozenset("\u0e33\u0eb3\u0edc\u0edd\u0587")


def normal_name(received: str) -> str:
    """Return the name as it will be signed; raise ``CellRefused`` with the remedy if it is not fit to be."""
    name = received.strip(_OUTER_BLANKS)
    if not name:
        raise CellRefused("missing", "没有填写", "请填写")
    # 1. Each character by itself, before normalisation could hide one.
    for character in name:
        _require_fit(character)
    # 2. The form that is signed.
    name = unicodedata.normalize("NFC", name)
    size = len(name.encode())
    if size > MAX_NAME_BYTES:
        message = f"姓名过长：UTF-8 编码 {size} 字节，最多 {MAX_NAME_BYTES} 字节"
        raise CellRefused("name_too_long", message, "请按证件上的写法缩写")
    # 3. How characters stand together.
    _require_order(name)
    return name


def _require_fit(character: str) -> None:
    """Raise if the character has no place in a name."""
    if is_han(character) or character in _JOINERS:
        return
    _require_visible(character)
    _require_right_sign(character)
    _require_letter(character)


def _require_visible(character: str) -> None:
    code = f"U+{ord(character):04X}"
    category = unicodedata.category(character)
    if category == "Co":
        right = meant_for(character)
        hint = (
            f"请改为“{right}”（U+{ord(right):04X}）"
            if right
            else "请用输入法按该字的 Unicode 编码重新录入，或随附证件影印件联系我们"
        )
        raise CellRefused("private_use", f"含有自造字（{code}），别的计算机上显示不出", hint)
    if any(first <= character <= last for first, last in _VARIATION_SELECTORS):
        raise CellRefused(
            "variation_selector", f"含有异体字选择符（{code}）", "请删去这个看不见的字符，只留汉字本身"
        )
    if category in ("Cc", "Cf", "Cs", "Zl", "Zp") or character in _INVISIBLE:
        raise CellRefused("invisible_character", f"含有看不见的控制字符（{code}）", "请删去，或重新录入姓名")
    if category == "Cn":
        raise CellRefused(
            "unassigned_character", f"含有 Unicode 中没有的字符（{code}）", "请用该字的正确编码重新录入"
        )


def _require_right_sign(character: str) -> None:
    code = f"U+{ord(character):04X}"
    if character in _WRONG_DOTS:
        message = f"间隔号用了“{character}”（{code}）"
        raise CellRefused("wrong_middle_dot", message, "请改用“·”（U+00B7）；外文缩写的句点请删去")
    if character in _WRONG_HYPHENS:
        raise CellRefused("wrong_hyphen", f"连字符用了“{character}”（{code}）", "请改用“-”（U+002D）")
    if character in _WRONG_APOSTROPHES:
        raise CellRefused("wrong_apostrophe", f"撇号用了“{character}”（{code}）", "请改用“'”（U+0027）")
    if character in _WRONG_BLANKS:
        raise CellRefused(
            "wrong_space", f"姓名中间有特殊空格（{code}）", "汉字之间不留空格；外文用普通空格（U+0020）"
        )


def _require_letter(character: str) -> None:
    code = f"U+{ord(character):04X}"
    category = unicodedata.category(character)
    right = meant_for(character)
    suggestion = f"请改为“{right}”（U+{ord(right):04X}）" if right else "请改用普通文字"
    if is_compatibility_ideograph(character):
        raise CellRefused("compatibility_ideograph", f"“{character}”（{code}）是兼容汉字", suggestion)
    if "\u2e80" <= character <= "\u2fdf":
        raise CellRefused("radical", f"“{character}”（{code}）是部首符号，不是汉字", suggestion)
    if category[0] == "N":
        raise CellRefused("digit", f"姓名中有数字“{character}”", "请按证件填写姓名")
    if category[0] not in "LM" or category == "Me":
        raise CellRefused("symbol", f"姓名中有符号“{character}”（{code}）", "请删去，按证件填写姓名")
    # What only NFKC changes is a variant form: full width, a ligature, a presentation form from a PDF.
    composed, folded = (unicodedata.normalize(form, character) for form in ("NFC", "NFKC"))
    if category[0] == "L" and composed != folded and character not in _PROPER_LETTERS:
        raise CellRefused("variant_letter", f"“{character}”（{code}）是全角或变体字母", suggestion)


def _require_order(name: str) -> None:
    """Raise if blanks, joiners or marks stand where they can not."""
    if name[0] in "=+-@" or name[0] in _JOINERS or unicodedata.category(name[0])[0] == "M":
        raise CellRefused("wrong_beginning", f"姓名不能以“{name[0]}”开头", "请删去开头的符号")
    if name[-1] in _JOINERS:
        raise CellRefused("wrong_end", f"姓名不能以“{name[-1]}”结尾", "请删去结尾的符号")
    marks = 0
    for before, character, after in zip(name, name[1:], [*name[2:], ""], strict=False):
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks > MAX_MARKS_IN_A_ROW:
            raise CellRefused("too_many_marks", "附加符号过多", "请按证件填写姓名")
        if character in _JOINERS and before in _JOINERS:
            raise CellRefused(
                "repeated_joiner", f"“{before}{character}”连在一起", "空格、间隔号、连字符只用一个"
            )
        if character == " " and is_han(before) and after and is_han(after):
            raise CellRefused("space_in_name", "汉字之间有空格", "请删去空格；间隔号用“·”（U+00B7）")
