"""ID numbers: is this a lawful number of its type? (证件类型、证件号码)

Own checks of shape, check digit and calendar; GB 11643-1999 for the resident ID. The area of six digits is
never a reason to refuse: counties are abolished and stay valid in the numbers of those born there; only the
province is looked at. Ready-made validators fail here: they refuse areas newer than their table, and
residence permits.
"""

import re
from datetime import date
from functools import cache

from registry.assessment.errors import CellRefused
from registry.directory.provinces import provinces
from signing.id_check import IdType, canonical

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"

# In GB/T 2260 too, but people of Hong Kong and Macao hold permits, not resident IDs.
_HONG_KONG_AND_MACAO = frozenset({"81", "82"})
_RESIDENCE_AREAS = ("810000", "820000", "830000")
# What a spreadsheet makes of a long number, 4.40101E+17. Passports are numbered 12E4567, without point or sign.
_SCIENTIFIC = re.compile(r"[0-9.]+E[+-][0-9]+|[0-9]*\.[0-9]*E[0-9]+")
_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_SHAPES = {
    IdType.HK_MACAO_PERMIT: (r"[HM][0-9]{8}(?:[0-9]{2})?", "H 或 M 加 8 位数字，或再加 2 位换证次数"),
    IdType.TAIWAN_PERMIT: (
        r"[0-9]{8}(?:[0-9]{2})?|[A-Z][0-9]{7}",
        "8 位或 10 位数字；旧证为 1 位字母加 7 位数字",
    ),
    IdType.PASSPORT: (r"[A-Z0-9]{5,17}", "5 到 17 位字母和数字"),
}


def lawful_number(id_type: IdType, typed: str, *, today: date) -> str:
    """Return the number in its canonical form; raise ``CellRefused`` if it can not be one of this type."""
    number = canonical(typed)
    if _SCIENTIFIC.fullmatch(number):
        message = "号码被 Excel 变成了科学计数法，末尾的数字已丢失"
        raise CellRefused("scientific_notation", message, "请把该列设为“文本”格式，再重新输入")
    if id_type is IdType.RESIDENT_ID:
        _require_resident_id(number, today)
    elif id_type is IdType.RESIDENCE_PERMIT:
        _require_residence_permit(number, today)
    elif id_type is IdType.PERMANENT_RESIDENCE_ID:
        _require_permanent_residence_id(number)
    else:
        pattern, shape = _SHAPES[id_type]
        if not re.fullmatch(pattern, number):
            raise CellRefused("wrong_shape", f"号码的位数或字符不对，应为{shape}", "请对照证件核对")
    return number


def check_character(first_seventeen: str) -> str:
    """Return the check character of ISO 7064 MOD 11-2 for seventeen digits."""
    weighed = zip(first_seventeen, _WEIGHTS, strict=True)
    return _CHECK_CHARACTERS[sum(int(digit) * weight for digit, weight in weighed) % 11]


def _require_resident_id(number: str, today: date) -> None:
    if re.fullmatch(r"[0-9]{15}", number):
        raise CellRefused("old_resident_id", "这是 15 位旧号码", "请填写 18 位公民身份号码")
    if number[:6] in _RESIDENCE_AREAS:
        raise CellRefused("other_id_type", "这是港澳台居民居住证的号码", "请把证件类型改为“港澳台居民居住证”")
    if number.startswith("9") and _EIGHTEEN.fullmatch(number):
        raise CellRefused(
            "other_id_type", "这是外国人永久居留身份证的号码", "请把证件类型改为“外国人永久居留身份证”"
        )
    _require_eighteen(number)
    if number[:2] not in _provinces_of_resident_ids():
        raise CellRefused("unknown_province", f"号码前两位“{number[:2]}”不是省级代码", "请对照证件核对")
    _require_birth_date(number, today)
    _require_check_character(number)


@cache
def _provinces_of_resident_ids() -> frozenset[str]:
    confirmed = frozenset(code for code, province in provinces().items() if not province.assumed)
    return confirmed - _HONG_KONG_AND_MACAO


def _require_residence_permit(number: str, today: date) -> None:
    _require_eighteen(number)
    if number[:6] not in _RESIDENCE_AREAS:
        message = "港澳台居民居住证的号码以 810000、820000 或 830000 开头"
        raise CellRefused("wrong_prefix", message, "请对照证件核对号码和证件类型")
    _require_birth_date(number, today)
    _require_check_character(number)


def _require_permanent_residence_id(number: str) -> None:
    """The card of 2017 has three letters and twelve digits, the one of 2023 eighteen characters from 9."""
    if re.fullmatch(r"[A-Z]{3}[0-9]{12}", number):
        return
    if not re.fullmatch(r"9[0-9]{16}[0-9X]", number):
        message = "应为 9 开头的 18 位号码（2023 版），或 3 位字母加 12 位数字（2017 版）"
        raise CellRefused("wrong_shape", message, "请对照证件核对")
    _require_check_character(number)


def _require_eighteen(number: str) -> None:
    if not _EIGHTEEN.fullmatch(number):
        message = f"应为 18 位：17 位数字加 1 位数字或 X（现为 {len(number)} 位）"
        raise CellRefused("wrong_shape", message, "请对照证件核对")


def _require_birth_date(number: str, today: date) -> None:
    text = number[6:14]
    try:
        born_on = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise CellRefused("no_such_birth_date", f"号码中的出生日期“{text}”不存在", "请对照证件核对") from None
    if born_on > today:
        raise CellRefused("born_in_the_future", f"号码中的出生日期“{text}”在今天之后", "请对照证件核对")


def _require_check_character(number: str) -> None:
    if check_character(number[:17]) != number[17]:
        raise CellRefused("wrong_check_digit", "校验码不符，号码至少有一位填错", "请对照证件逐位核对")
