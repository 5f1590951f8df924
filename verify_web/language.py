"""The language of the page that is being made."""

from flask import Flask, g, request

from verify_web.frame import frames
from verify_web.texts import LANGUAGES, Texts, choose


def texts() -> Texts:
    """Return the table for this request."""
    if "texts" not in g:
        g.texts = choose(request.args.get("lang"), request.accept_languages)
    table: Texts = g.texts
    return table


def speak(app: Flask) -> None:
    """Give the templates ``say``, both languages, what keeps a chosen one, and the frame of the page."""
    frame = frames(app)

    @app.context_processor
    def words() -> dict[str, object]:
        return frame(texts().language, request.args.get("lang") in LANGUAGES)
