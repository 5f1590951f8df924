"""What the README quotes is there: commands with their options, settings with their defaults, files."""

import re
import shlex
from dataclasses import fields
from pathlib import Path
from uuid import UUID

import click
import pytest

from registry.certificate.errors import UnlawfulTransition
from registry.client.command.main import main as certreg_client
from registry.draft.quota import MOST_BYTES, MOST_OPEN_DRAFTS
from registry.journal.errors import RegisterOutdated
from registry.operator.command import main
from registry.request.errors import GrantRefused, RequestEnded, RequestOverrun
from registry.settings import PREFIX, Settings, load_settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
ON_KEYS = (ROOT / "docs" / "operations-keys.md").read_text("utf-8")
ON_WITNESS = (ROOT / "docs" / "operations-witness.md").read_text("utf-8")
ON_BODIES = (ROOT / "docs" / "operations-bodies.md").read_text("utf-8")


def quoted_commands(text: str) -> list[str]:
    """Return every line of a code block, and every inline quotation, that calls ``certreg``."""
    blocks = re.findall(r"```\n(.*?)```", text, re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    inline = re.findall(r"`(certreg [^`]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [line for line in [*lines, *inline] if re.match(r"certreg [a-z]", line)]


def command_of(words: list[str], command: click.Command = main) -> tuple[click.Command, list[str]]:
    while words and isinstance(command, click.Group):
        found = command.commands.get(words[0])
        assert found is not None, f"there is no command {words[0]!r}"
        command, words = found, words[1:]
    return command, words


def test_the_readme_quotes_commands():
    assert len(quoted_commands(README)) > 15


@pytest.mark.parametrize(
    "line", [line for page in (README, ON_KEYS, ON_WITNESS, ON_BODIES) for line in quoted_commands(page)]
)
def test_every_command_and_option_that_is_quoted_exists(line):
    command, words = command_of([word for word in shlex.split(line)[1:] if word != "--help"])
    known = {name for parameter in command.params for name in parameter.opts}

    assert not isinstance(command, click.Group) or not words
    assert {word for word in words if word.startswith("--")} <= known


def test_every_command_for_what_bodies_ask_and_leave_is_on_their_page():
    quoted = {tuple(line.split()[1:3]) for line in quoted_commands(ON_BODIES)}

    for group in ("requests", "drafts"):
        commands = main.commands[group]
        assert isinstance(commands, click.Group)
        assert {(group, name) for name in commands.commands} <= quoted


REQUEST_REFUSALS = (
    RequestOverrun(UUID(int=1), "N"),
    RequestEnded(UUID(int=1), "granted"),
    UnlawfulTransition("suspend", "revoked"),
    GrantRefused("investigation_closed 不是此项申请可用的原因；可用：…"),
    RegisterOutdated("why"),
)


def test_the_page_on_bodies_quotes_what_is_said():
    table = ON_BODIES.partition("| what is said |")[2].partition("\n\n")[0]
    said = re.findall(r"^\| ([^|-][^|]*) \|", table, re.MULTILINE)

    assert len(said) == len(REQUEST_REFUSALS)
    for text, refusal in zip(said, REQUEST_REFUSALS, strict=True):
        assert all(part.strip() in str(refusal) for part in text.split("…"))


def test_the_page_on_bodies_tells_how_much_they_may_have():
    assert f"{MOST_OPEN_DRAFTS} open drafts and {MOST_BYTES >> 30} GiB" in ON_BODIES


def client_commands(text: str) -> list[str]:
    """Return every line of a code block that calls ``certreg-client``."""
    blocks = re.findall(r"```\n(.*?)```", text, re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if re.match(r"(\.venv/bin/)?certreg-client ", line)]


@pytest.mark.parametrize("line", client_commands(README))
def test_every_command_of_the_client_that_is_quoted_exists(line):
    command, words = command_of(shlex.split(line)[1:], certreg_client)
    known = {name for parameter in command.params for name in parameter.opts}

    assert not isinstance(command, click.Group)
    assert {word for word in words if word.startswith("--")} <= known


def test_the_readme_shows_the_client():
    assert len(client_commands(README)) > 5


def test_the_settings_are_listed_with_their_defaults():
    listed = dict(re.findall(r"^\| `(CERTREG_[A-Z0-9_]+)` \| (`[^`]+`|–) \|", README, re.MULTILINE))
    defaults = load_settings({}).to_environ()
    names = {PREFIX + field.name.upper() for field in fields(Settings)}

    assert listed.keys() == names
    assert {name for name, value in listed.items() if value == "–"} == names - defaults.keys()
    for name, given in defaults.items():
        value = listed[name].strip("`")
        assert value == (given.removesuffix(".0") if name.endswith("_SECONDS") else given), name
    assert all(name.startswith(PREFIX) for name in listed)


def test_every_setting_is_listed_also_those_without_a_default():
    for field in fields(Settings):
        assert f"| `{PREFIX}{field.name.upper()}` |" in README


@pytest.mark.parametrize(
    "path",
    sorted(set(re.findall(r"`((?:registry|signing|verify_web|keys|docs|tests)/[\w./-]+)`", README))),
)
def test_every_file_that_is_named_is_there(path):
    assert (ROOT / path).exists()
