"""What ``docs/api.md`` shows is true: its example is taken by the register, and its tables are those of the code."""

import re
from pathlib import Path

import click
import pytest

from registry.api.problem_list import PAGE, PROBLEMS
from registry.api.signatures.message import Message
from registry.api.signatures.signature_input import DERIVED, OF_CONTENT, OF_REQUEST, read_signature_input
from registry.api.signatures.verification import require_digest, verify_signature
from registry.client.command.main import main
from registry.client.settings import CONFIG, PREFIX, WHAT
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


def test_the_example_in_python_is_the_one_that_runs():
    (shown,) = re.findall(r"```python\n(.*?)```", PAGE_TEXT, re.DOTALL)

    assert shown == (ROOT / "docs" / "examples" / "with_client.py").read_text("utf-8")


def test_every_command_that_is_shown_is_there_with_its_options():
    shown = "".join(re.findall(r"```console\n(.*?)```", PAGE_TEXT, re.DOTALL))
    for line in shown.splitlines():
        _, name, *words = line.split(" ")
        command, context = main, click.Context(main)
        assert name == "certreg-client"
        while isinstance(command, click.Group):
            command = command.get_command(context, words.pop(0))
            assert command is not None, line
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_every_setting_of_the_client_is_named():
    for member in WHAT:
        assert f"| `{PREFIX}{member.upper()}` | `{member}` |" in PAGE_TEXT
    assert f"`{CONFIG}`" in PAGE_TEXT


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
