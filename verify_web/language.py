"""The language of the page that is being made."""

from flask import Flask, g, request

from verify_web.texts import LANGUAGES, Texts, choose


def texts() -> Texts:
    """Return the table for this request."""
    if "texts" not in g:
        g.texts = choose(request.args.get("lang"), request.accept_languages)
    table: Texts = g.texts
    return table


def speak(app: Flask) -> None:
    """Give the templates ``say``, both languages, and the part of an address that keeps a chosen one."""

    @app.context_processor
    def words() -> dict[str, object]:
        table = texts()
        chosen = request.args.get("lang") in LANGUAGES
        other = next(name for name in LANGUAGES if name != table.language)
        return {
            "say": table.say,
            "texts": table,
            "other": LANGUAGES[other],
            "keep": {"lang": table.language} if chosen else {},
        }
