"""The staff application over a world, and bodies that hand in to it by HTTP."""

import base64
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from keys.holder_key import HolderKey
from registry.app import create_app
from registry.assessment.reading import JSON_MEDIA_TYPE
from registry.database.schema import metadata
from registry.directory.profiles import load_profiles
from registry.installation import Installation
from registry.intake.submission import PersonalKeys, claim_for
from registry.jurisdiction.rules import jurisdictions
from registry.settings import load_settings
from signing.cose import Kind
from tests.instants import NOON
from tests.registry.world import BODY, ENVIRONMENT, World

ADDRESS = "/v1/submissions"


def installation_of(world: World, folder: Path, personal: PersonalKeys | None = None) -> Installation:
    """Return the world as an installation; its secret files are missing unless ``personal`` is given."""
    environ = {
        "CERTREG_ENVIRONMENT": ENVIRONMENT,
        "CERTREG_DATA_KEY_FILE": str(folder / "missing.key"),
        "CERTREG_LOOKUP_KEY_FILE": str(folder / "missing.key"),
        "CERTREG_WORK_DIR": str(folder / "work"),
    }
    installation = Installation(load_settings(environ), world.sessions, load_profiles(), jurisdictions())
    if personal is not None:
        # What the property would have read from the files.
        installation.__dict__["personal"] = personal
    return installation


def staff_site(world: World, folder: Path) -> Flask:
    """Return the staff application of a world, at noon of that day."""
    return create_app(installation_of(world, folder, world.personal), now=lambda: NOON)


def signature_over(
    content: bytes,
    key: HolderKey,
    *,
    issuer: str = BODY,
    media_type: str = JSON_MEDIA_TYPE,
    environment: str = ENVIRONMENT,
    kind: Kind = Kind.SUBMISSION,
) -> str:
    """Return the text of the header that a body sends with a file."""
    claim = claim_for(content, media_type, issuer=issuer).to_bytes()
    signed = key.sign_claim(claim, kind=kind, environment=environment, detached=True)
    return base64.urlsafe_b64encode(signed).decode().rstrip("=")


class BodySystem:
    """A body's system: it signs what it hands in."""

    def __init__(self, app: Flask, world: World, issuer: str = BODY) -> None:
        self.world = world
        self.issuer = issuer
        self.http = app.test_client()

    def hand_in(
        self, content: bytes, *, media_type: str = JSON_MEDIA_TYPE, signature: str | None = None, **more: Any
    ) -> TestResponse:
        """Hand in a file with the body's signature, or another one."""
        if signature is None:
            key = self.world.bodies[self.issuer].key
            signature = signature_over(content, key, issuer=self.issuer, media_type=media_type)
        headers = {"Submission-Signature": signature, **more.pop("headers", {})}
        return self.http.post(ADDRESS, data=content, content_type=media_type, headers=headers, **more)


def everything_stored(register: World | Installation) -> dict[str, int]:
    """Return how many rows every table has."""
    tables = metadata().sorted_tables
    return register.sessions.read(
        lambda session: {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables
        }
    )


def require_problem(answer: TestResponse, status: int) -> dict[str, Any]:
    """Return the problem document of a refusal, after checking that it is one and of this status."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    problem: dict[str, Any] = answer.get_json(force=True)
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    return problem
