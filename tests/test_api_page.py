"""What ``docs/api.md`` shows is true: its example is taken by the register, and its tables are those of the code."""

import re
from pathlib import Path

import pytest

from registry.api.problem_list import PAGE, PROBLEMS
from registry.api.signatures.message import Message
from registry.api.signatures.signature_input import DERIVED, OF_CONTENT, OF_REQUEST, read_signature_input
from registry.api.signatures.verification import require_digest, verify_signature
from signing.cose import key_id
from signing.ed25519 import admit
from tests.instants import NOON
from tests.registry.signed_requests import component

ROOT = Path(__file__).parents[1]
PAGE_TEXT = (ROOT / "docs" / "api.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"```(http|text)\n(.*?)\n```", PAGE_TEXT, re.DOTALL))


@pytest.fixture
def shown() -> tuple[Message, bytes]:
    """The request that the page shows."""
    head, _, content = BLOCKS["http"].partition("\n\n")
    line, *fields = head.split("\n")
    method, target, _ = line.split(" ")
    headers = dict(field.split(": ", 1) for field in fields)
    headers = {name.lower(): value for name, value in headers.items()}
    return Message(method, headers["host"], target, headers), content.encode()


def test_the_request_that_is_shown_is_taken(shown):
    message, content = shown
    public = bytes.fromhex(re.search(r"public part is `([0-9a-f]{64})`", PAGE_TEXT)[1])

    given = read_signature_input(message, environment="test", now=NOON)
    verify_signature(message, given, admit(public), environment="test")
    require_digest(message, content)

    assert given.key_id == key_id(public)


def test_the_signature_base_that_is_shown_is_its(shown):
    message, _ = shown
    *lines, last = BLOCKS["text"].split("\n")

    for line in lines:
        name, value = line.split(": ", 1)
        url = f"https://{message.authority}{message.target}"
        assert value == component(name.strip('"'), message.method, url, message.headers)
    assert last == '"@signature-params": ' + message.headers["signature-input"].removeprefix("sig1=")


def test_every_component_that_is_asked_for_is_named():
    for name in (*DERIVED, *OF_CONTENT, *OF_REQUEST):
        assert f"`{name}`" in PAGE_TEXT


def test_every_code_that_is_named_is_there():
    assert PAGE in PAGE_TEXT
    for code in re.findall(r"\b4\d\d `(\w+)`|\(`(\w+_\w+)`\)", PAGE_TEXT):
        assert "".join(code) in {*PROBLEMS, "signature_base", "not_there"}


@pytest.mark.parametrize("page", ["api.md", "operations-api.md"])
def test_every_file_that_is_named_is_there(page):
    text = (ROOT / "docs" / page).read_text("utf-8")

    for link in re.findall(r"\]\(([\w./-]+)\)", text):
        assert (ROOT / "docs" / link).exists(), link
    for path in re.findall(r"`(docs/[\w./-]+)`", text):
        assert (ROOT / path).exists(), path
