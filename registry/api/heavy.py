"""Answers that take long to make: few at a time, so that nobody's archive keeps everybody else waiting.

A request is counted by what comes in; an archive of ten thousand QR images is asked for in one line. So the answers
that grow with a submission or a draft have places of their own: one for each body, ``MOST`` in each process, which
leaves threads for everything that is quick. Whoever finds no place is told to come again, and nothing was done.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from threading import Lock
from typing import Any, Final

from flask import Flask, Response, current_app, make_response

from registry.access.errors import TooManyAtOnce
from registry.api.caller import current_body

MOST: Final = 2
"""Of the four threads that a process has."""


class HeavyAnswers:
    """The bodies that are being given an answer that takes long. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._places: dict[str, object] = {}

    def begin(self, issuer: str) -> Callable[[], None]:
        """Take a place for a body; return what gives it back, once. Raises ``TooManyAtOnce``."""
        place = object()
        with self._lock:
            if issuer in self._places or len(self._places) >= MOST:
                raise TooManyAtOnce
            self._places[issuer] = place
        return lambda: self._end(issuer, place)

    def _end(self, issuer: str, place: object) -> None:
        with self._lock:
            # The body may have taken its next one since.
            if self._places.get(issuer) is place:
                del self._places[issuer]


def add_heavy_answers(app: Flask) -> None:
    """Let the application count the answers that take long."""
    app.extensions["certreg_heavy"] = HeavyAnswers()


def heavy(view: Callable[..., Any]) -> Callable[..., Response]:
    """Give a view a place from its beginning until its answer is made; if it is made while it is sent, until then."""

    @wraps(view)
    def placed(*arguments: Any, **named: Any) -> Response:
        answers: HeavyAnswers = current_app.extensions["certreg_heavy"]
        end = answers.begin(current_body().issuer)
        try:
            response = make_response(view(*arguments, **named))
        except BaseException:
            end()
            raise
        if response.is_streamed:
            response.response = _until_sent(response.response, end)
            # Given up before it began, or on the way.
            response.call_on_close(end)
        else:
            end()
        return response

    return placed


def _until_sent(parts: Iterable[Any], end: Callable[[], None]) -> Iterator[Any]:
    try:
        yield from parts
    finally:
        end()
