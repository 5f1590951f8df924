"""One text in two languages."""

from enum import StrEnum
from typing import NamedTuple


class Language(StrEnum):
    """The languages of the answer."""

    ZH = "zh"
    EN = "en"


class Text(NamedTuple):
    """One text in both languages."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        """Return the text in a language."""
        return self.zh if language is Language.ZH else self.en
