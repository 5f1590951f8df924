"""The staff application over a world, and bodies that hand in to it by HTTP."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
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
from registry.people.accounts import Purpose
from registry.people.tables import EnrolledKey
from registry.settings import load_settings
from signing.cose import Kind
from tests.instants import NOON
from tests.registry.signed_requests import signed_headers
from tests.registry.world import BODY, ENVIRONMENT, World, private_key

ADDRESS = "/v1/submissions"
OF_REQUESTS = {"request_nonce", "idempotency"}


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


def access_key(issuer: str) -> Ed25519PrivateKey:
    """Return the key that signs the requests of a body's system."""
    return private_key(f"access {issuer}")


def let_in(world: World, issuer: str = BODY) -> None:
    """Enrol the body's access key, if it is not."""
    key = HolderKey(access_key(issuer))
    if not world.all(select(EnrolledKey.key_id).where(EnrolledKey.key_id == key.key_id)):
        world.enrol(world.bodies[issuer].actor, key, Purpose.ACCESS)


class BodySystem:
    """A body's system: it signs what it hands in, and every request."""

    def __init__(self, app: Flask, world: World, issuer: str = BODY) -> None:
        self.world = world
        self.issuer = issuer
        self.http = app.test_client()
        let_in(world, issuer)

    def send(
        self,
        method: str,
        address: str,
        content: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        key: Ed25519PrivateKey | None = None,
        whole: bool = True,
        **signing: Any,
    ) -> TestResponse:
        """Send a request with the signature of the access key; what is signed may be another thing.

        The answer has been read to its end, unless it shall not be ``whole``: then it is still being sent.
        """
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        host = sent.pop("host", "localhost")
        signed = signed_headers(
            method,
            f"http://{host}{address}",
            content,
            key or access_key(self.issuer),
            headers=sent,
            **{"environment": ENVIRONMENT, "now": NOON, **signing},
        )
        length = signed.pop("content-length", None)
        base_url = f"http://{host}"
        return self.http.open(
            address,
            method=method,
            data=content,
            headers={**signed, "Host": host},
            base_url=base_url,
            content_length=None if length is None else int(length),
            buffered=whole,
        )

    def hand_in(
        self, content: bytes, *, media_type: str = JSON_MEDIA_TYPE, signature: str | None = None, **more: Any
    ) -> TestResponse:
        """Hand in a file with the body's signature, or another one."""
        if signature is None:
            key = self.world.bodies[self.issuer].key
            signature = signature_over(content, key, issuer=self.issuer, media_type=media_type)
        headers = {"Submission-Signature": signature, **more.pop("headers", {})}
        if media_type:
            headers["Content-Type"] = media_type
        return self.send("POST", ADDRESS, content, headers=headers, **more)


def everything_stored(register: World | Installation) -> dict[str, int]:
    """Return how many rows every table has, but for those that say which requests came."""
    tables = [table for table in metadata().sorted_tables if table.name not in OF_REQUESTS]
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
