"""What stands around a page: files of its head, masthead and colophon, alike for all who read one language.

Most of the words and links of a page are here, so they are put together once and kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from flask import Flask, request
from markupsafe import Markup

from verify_web.texts import LANGUAGES

# The page that shows the same in the other language, where it is not the look-up.
SWITCH_TO: Final = {"landing.landing": "landing.landing", "landing.check": "landing.landing"}
MOST_KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class Frame:
    """Markup for the head of a page, and for what stands above and below its content."""

    files: Markup
    above: Markup
    below: Markup


def frames(app: Flask) -> Callable[[str, bool], dict[str, object]]:
    """Return what gives the templates their words and frame, for a language and whether it was chosen."""

    @lru_cache(maxsize=MOST_KEPT)
    def made(language: str, chosen: bool, endpoint: str | None, _script_root: str) -> dict[str, object]:
        table = LANGUAGES[language]
        other = next(name for name in LANGUAGES if name != language)
        words: dict[str, object] = {
            "say": table.say,
            "texts": table,
            "other": LANGUAGES[other],
            "keep": {"lang": language} if chosen else {},
        }
        here = {**words, "request": request, "switch_to": SWITCH_TO.get(endpoint or "", "lookup.form")}
        parts = (
            app.jinja_env.get_template(f"_{part}.html").render(here) for part in ("files", "above", "below")
        )
        return {**words, "frame": Frame(*map(Markup, parts))}

    def frame(language: str, chosen: bool) -> dict[str, object]:
        # The links begin with the path that the server mounted the site at.
        return made(language, chosen, request.endpoint, request.root_path)

    return frame
