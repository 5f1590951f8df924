"""What a row says of the training before the exam: the number of its certificate, and its hours (L 附件3, 附件5)."""

import re

from registry.assessment.errors import CellRefused
from registry.assessment.han_characters import is_han

MAX_CHARACTERS = 64
MAX_HOURS = 2000
_BESIDE_LETTERS = frozenset("-_/()（）〔〕")


def certificate(text: str) -> str:
    """Return the number of a 培训合格证书, which each training institution makes up itself (L 附件3 注3)."""
    if len(text) > MAX_CHARACTERS:
        raise CellRefused("too_long", f"编号超过 {MAX_CHARACTERS} 个字符", "请对照培训合格证书填写编号")
    if not all(_may_stand_in_one(character) for character in text):
        raise CellRefused(
            "not_a_training_certificate",
            "编号中有不能使用的字符",
            "请只填写编号：汉字、半角字母和数字，以及 - _ / ( )（）〔〕，中间不留空格",
        )
    return text


def _may_stand_in_one(character: str) -> bool:
    return (character.isascii() and character.isalnum()) or is_han(character) or character in _BESIDE_LETTERS


def hours(text: str) -> int:
    """Return hours of training (学时), 1 to 2000."""
    if not re.fullmatch(r"[1-9][0-9]{0,3}", text) or int(text) > MAX_HOURS:
        raise CellRefused(
            "not_training_hours", "培训学时不是整数，或超出范围", f"请填写 1 到 {MAX_HOURS} 的整数"
        )
    return int(text)


def require_enough(trained: int, standard: int | None) -> None:
    """Raise ``CellRefused`` for fewer hours than the occupation's standard asks at this level.

    ``standard`` is None where the directory knows none; then nothing is asked.
    """
    if standard is not None and trained < standard:
        raise CellRefused(
            "too_few_hours",
            f"培训学时 {trained} 少于该职业、该等级的标准学时 {standard}",
            "请对照培训合格证书核对学时、职业和等级；学时不足的不能报送",
        )
