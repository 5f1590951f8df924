"""A reason that a body writes down for the register to keep: one line, short, and without anybody's ID number.

It is stored in plain, so that reviewers and registrars read it; whoever writes it is asked to name no person. The rule
is the same in a cell of a file, in a request and in a withdrawal.
"""

import re
import unicodedata
from typing import Final

from registry.assessment.errors import ReasonRefused
from registry.assessment.han_characters import is_han

MOST_CHARACTERS: Final = 200

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# A resident's number, standing alone; the number of a certificate has more digits in a row.
_ID_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])[0-9]{17}[0-9Xx](?![0-9A-Za-z])")


def written_reason(text: str) -> str:
    """Return the reason without blanks around it. Raises ``ReasonRefused``."""
    reason = text.strip()
    if not reason:
        raise ReasonRefused("missing", "没有填写", "请写明原因")
    if len(reason) > MOST_CHARACTERS:
        raise ReasonRefused("too_long", f"超过 {MOST_CHARACTERS} 字", "请写得简短一些")
    if any(map(_is_unseen, reason)):
        raise ReasonRefused("invisible_character", "含有换行或看不见的字符", "请写成一行文字")
    # Digits of full width are digits too.
    if _ID_NUMBER.search(unicodedata.normalize("NFKC", reason)):
        raise ReasonRefused("names_a_person", "含有证件号码", "请不要填写姓名、证件号码等个人信息")
    return reason


def _is_unseen(character: str) -> bool:
    # A rare character that Python's table does not have yet is seen all the same: names are corrected with them.
    return unicodedata.category(character) in _UNSEEN and not is_han(character)
