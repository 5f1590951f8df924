"""The three levels as files name them: the code of the form, and the word of drop-downs and certificates."""

from collections.abc import Mapping
from typing import Final

from signing.statement import Level

LEVEL_CODES: Final[Mapping[Level, str]] = {
    Level.JUNIOR: "junior",
    Level.INTERMEDIATE: "intermediate",
    Level.SENIOR: "senior",
}
LEVEL_NAMES: Final[Mapping[Level, str]] = {
    Level.JUNIOR: "初级",
    Level.INTERMEDIATE: "中级",
    Level.SENIOR: "高级",
}

LEVEL_OF_CODE: Final[Mapping[str, Level]] = {code: level for level, code in LEVEL_CODES.items()}
