"""The staff application with callers that a test names, as the door would have found them."""

from typing import Any

from flask import Flask, g, request
from werkzeug.test import TestResponse

from registry.api.caller import Caller
from registry.api.installed import TRUST
from registry.people.accounts import Purpose
from tests.registry.world import BODY, World

AS = "X-Test-Caller"


def let_anybody_in(app: Flask, world: World) -> None:
    """Take whoever a header names for the caller, and the world's trust bundle for the register's."""
    app.extensions[TRUST] = lambda: world.trust

    @app.before_request
    def enter() -> None:
        issuer = request.headers.get(AS)
        if issuer is not None:
            holder = world.bodies[issuer]
            g.caller = Caller(holder.actor, issuer, holder.key.key_id, Purpose.SUBMISSION)


class Door:
    """One body before its API."""

    def __init__(self, app: Flask, issuer: str = BODY) -> None:
        self.issuer = issuer
        self._http = app.test_client()

    def get(self, address: str, **query: Any) -> TestResponse:
        """Ask for something."""
        return self._http.get(address, query_string=query, headers={AS: self.issuer})

    def post(self, address: str, **said: Any) -> TestResponse:
        """Say something."""
        return self._http.post(address, json=said, headers={AS: self.issuer})
