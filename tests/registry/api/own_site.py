"""The staff application with the world's trust bundle, and a body before it that asks by query and JSON."""

import json
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import TestResponse

from registry.api.installed import TRUST
from tests.registry.staff_site import BodySystem
from tests.registry.world import BODY, World

JSON = {"Content-Type": "application/json"}


def trust_the_world(app: Flask, world: World) -> None:
    """Take the world's trust bundle for the register's."""
    app.extensions[TRUST] = lambda: world.trust


class Door:
    """One body before its API, every request signed."""

    def __init__(self, app: Flask, world: World, issuer: str = BODY) -> None:
        self.app = app
        self._system = BodySystem(app, world, issuer)

    def get(self, address: str, **query: Any) -> TestResponse:
        """Ask for something."""
        return self._system.send("GET", address + (f"?{urlencode(query)}" if query else ""))

    def post(self, address: str, **said: Any) -> TestResponse:
        """Say something."""
        return self._system.send("POST", address, json.dumps(said).encode(), headers=JSON)
