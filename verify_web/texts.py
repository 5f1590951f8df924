"""What the public pages say: one table per language, ``static/texts/LANGUAGE.json``.

Every sentence a visitor can read stands there, for the pages made here and for those made in the browser.
简体中文 comes first, and is what an unknown wish gets.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from werkzeug.datastructures import LanguageAccept

FOLDER: Final = Path(__file__).parent / "static" / "texts"
DEFAULT: Final = "zh"
BEIJING: Final = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Texts:
    """The table of one language, ``zh`` or ``en``."""

    language: str
    entries: Mapping[str, str]

    def say(self, key: str, **values: object) -> str:
        """Return a text with its ``{places}`` filled; ``KeyError`` for one that is not in the table."""
        text = self.entries[key]
        for place, value in values.items():
            text = text.replace("{" + place + "}", str(value))
        return text

    def date(self, day: date) -> str:
        """Return a civil date as people write it."""
        return self.say("date.pattern", year=day.year, month=self.say(f"date.month.{day.month}"), day=day.day)

    def instant(self, at: datetime) -> str:
        """Return an aware instant in Beijing time, to the minute."""
        local = at.astimezone(BEIJING)
        return self.say("date.instant", date=self.date(local.date()), time=f"{local:%H:%M}")


def load() -> dict[str, Texts]:
    """Read the tables, the default language first."""
    languages = sorted(
        (file.stem for file in FOLDER.glob("*.json")), key=lambda name: (name != DEFAULT, name)
    )
    return {name: Texts(name, json.loads((FOLDER / f"{name}.json").read_text("utf-8"))) for name in languages}


LANGUAGES: Final = load()


def choose(asked: str | None, accepted: LanguageAccept) -> Texts:
    """Return the table for ``?lang=``, else for the browser's wish, else 中文."""
    if asked in LANGUAGES:
        return LANGUAGES[asked]
    return LANGUAGES[accepted.best_match(list(LANGUAGES), default=DEFAULT) or DEFAULT]
