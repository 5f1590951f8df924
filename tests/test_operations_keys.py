"""The page for the day a key is stolen quotes commands and options that are there."""

import re
from pathlib import Path

import pytest

from tests.test_readme import ROOT, command_of

PAGE = (ROOT / "docs" / "operations-keys.md").read_text("utf-8")


def quoted() -> list[str]:
    """Return every quotation that calls ``certreg``, inline and in blocks."""
    blocks = re.findall(r"^ {8}(certreg .+)$", PAGE, re.MULTILINE)
    return [*blocks, *re.findall(r"`(certreg [^`]+)`", PAGE)]


def test_the_page_quotes_every_ceremony():
    said = " ".join(quoted())

    for name in ("found", "open-epoch", "close-epoch", "retire", "names", "distrust", "list"):
        assert f"certreg key {name}" in " ".join(said.split())


@pytest.mark.parametrize("line", quoted())
def test_every_command_and_option_that_is_quoted_exists(line):
    command, words = command_of(line.split()[1:])
    known = {name for parameter in command.params for name in parameter.opts}

    assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(tests/[\w/.-]+)`", PAGE))))
def test_every_test_that_is_named_is_there(path):
    assert Path(ROOT / path).exists()
