"""Answers that take long to make: few at a time, so that nobody's archive keeps everybody else waiting.

A request is counted by what comes in; an archive of ten thousand QR images is asked for in one line. So the answers
that grow with a submission or a draft have places of their own: one for each body, ``MOST`` in each process, which
leaves threads for everything that is quick. Whoever finds no place is told to come again, and nothing was done.
"""

from collections.abc import Callable
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
        self._issuers: set[str] = set()

    def begin(self, issuer: str) -> None:
        """Take a place for a body. Raises ``TooManyAtOnce``."""
        with self._lock:
            if issuer in self._issuers or len(self._issuers) >= MOST:
                raise TooManyAtOnce
            self._issuers.add(issuer)

    def end(self, issuer: str) -> None:
        """Give the body's place back."""
        with self._lock:
            self._issuers.discard(issuer)


def add_heavy_answers(app: Flask) -> None:
    """Let the application count the answers that take long."""
    app.extensions["certreg_heavy"] = HeavyAnswers()


def heavy(view: Callable[..., Any]) -> Callable[..., Response]:
    """Give a view a place from its beginning until its answer is sent, or given up."""

    @wraps(view)
    def placed(*arguments: Any, **named: Any) -> Response:
        answers: HeavyAnswers = current_app.extensions["certreg_heavy"]
        issuer = current_body().issuer
        answers.begin(issuer)
        try:
            response = make_response(view(*arguments, **named))
        except BaseException:
            answers.end(issuer)
            raise
        response.call_on_close(lambda: answers.end(issuer))
        return response

    return placed
