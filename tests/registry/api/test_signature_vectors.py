"""Signatures that others made: of RFC 9421 itself, and of a library for Node."""

import base64
import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from registry.access.errors import RequestNotSigned, SignatureFault
from registry.api.signatures.message import Message
from registry.api.signatures.signature_input import SignatureInput, read_signature_input
from registry.api.signatures.verification import require_digest, verify_signature
from signing.ed25519 import admit
from tests.instants import NOON
from tests.registry.staff_site import access_key
from tests.registry.world import BODY, ENVIRONMENT

# RFC 9421, appendix B.1.4 and B.2.6, over the request of B.2.
PUBLIC = base64.b64decode("JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")
RFC_REQUEST = Message(
    "POST",
    "example.com",
    "/foo?param=Value&Pet=dog",
    {
        "host": "example.com",
        "date": "Tue, 20 Apr 2021 02:07:55 GMT",
        "content-type": "application/json",
        "content-digest": "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyeald"
        "VLvRwEmTHWXvJwew==:",
        "content-length": "18",
        "signature-input": 'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"',
        "signature": "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5"
        "WPpBKRCw==:",
    },
)
RFC_CONTENT = b'{"hello": "world"}'
NOTHING = SignatureInput((), NOON, None, bytes(4), "")

BY_NODE = json.loads((Path(__file__).parent / "signatures" / "by_node.json").read_text("utf-8"))


def message(name: str) -> tuple[Message, bytes]:
    """Return a frozen request as a server sees it."""
    made = BY_NODE[name]
    parts = urlsplit(made["url"])
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = {key.lower(): value for key, value in made["headers"].items()}
    return Message(made["method"], parts.netloc, target, headers), made["content"].encode()


def test_the_signature_of_the_rfc_holds_and_its_digest_too():
    verify_signature(RFC_REQUEST, NOTHING, admit(PUBLIC), environment=ENVIRONMENT)
    require_digest(RFC_REQUEST, RFC_CONTENT)


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "PUT"},
        {"authority": "example.org"},
        {"target": "/bar?param=Value&Pet=dog"},
        {"headers": {**RFC_REQUEST.headers, "date": "Tue, 20 Apr 2021 02:07:56 GMT"}},
    ],
)
def test_the_signature_of_the_rfc_holds_over_nothing_else(changed):
    with pytest.raises(RequestNotSigned) as refusal:
        verify_signature(replace(RFC_REQUEST, **changed), NOTHING, admit(PUBLIC), environment=ENVIRONMENT)

    assert refusal.value.fault is SignatureFault.SIGNATURE_INVALID


def test_the_request_of_the_rfc_says_too_little_for_this_api():
    with pytest.raises(RequestNotSigned, match="nonce, alg, tag") as refusal:
        read_signature_input(RFC_REQUEST, environment=ENVIRONMENT, now=NOON)

    assert refusal.value.fault is SignatureFault.MALFORMED


@pytest.mark.parametrize("name", BY_NODE)
def test_what_a_library_for_node_signed_is_taken(name):
    sent, content = message(name)

    given = read_signature_input(sent, environment=ENVIRONMENT, now=NOON)
    verify_signature(
        sent, given, admit(access_key(BODY).public_key().public_bytes_raw()), environment=ENVIRONMENT
    )
    require_digest(sent, content)

    assert (given.valid_until - given.created).total_seconds() == 60


@pytest.mark.parametrize("name", BY_NODE)
def test_and_not_with_another_query(name):
    sent, _ = message(name)
    other = replace(sent, target=sent.target.partition("?")[0] + "?other=1")
    given = read_signature_input(other, environment=ENVIRONMENT, now=NOON)

    with pytest.raises(RequestNotSigned) as refusal:
        verify_signature(
            other, given, admit(access_key(BODY).public_key().public_bytes_raw()), environment=ENVIRONMENT
        )

    assert refusal.value.fault is SignatureFault.SIGNATURE_INVALID
