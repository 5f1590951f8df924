"""The help says what every command does and what every option means, in the order of use."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from registry.operator.command import COMMANDS, main

# Every first sentence begins with what the command does.
VERBS = {
    "Back", "Check", "Close", "Cosign", "Decide", "Discard", "Distrust", "Do", "Found", "Hand", "Lift", "List", "Make",
    "Number", "Open", "Operate", "Play", "Restore", "Retire", "Revoke", "Serve", "Show", "Sign", "State", "Suspend",
    "Take", "Tell", "Trust", "Void", "Write",
}  # fmt: skip


def every_command() -> Iterator[tuple[str, ...]]:
    """Return the path of every command and group."""
    waiting: list[tuple[tuple[str, ...], click.Command]] = [((), main)]
    while waiting:
        path, command = waiting.pop()
        yield path
        if isinstance(command, click.Group):
            waiting += [((*path, name), child) for name, child in command.commands.items()]


def found(path: tuple[str, ...]) -> click.Command:
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    return command


@pytest.mark.parametrize("path", sorted(every_command()), ids=" ".join)
def test_every_command_says_what_it_does(path):
    said = CliRunner().invoke(main, [*path, "--help"], terminal_width=80)

    assert said.exit_code == 0
    assert said.output.startswith("Usage: ")
    sentence = (found(path).help or "").split("\n\n")[0]
    assert sentence.split()[0].rstrip(",") in VERBS
    assert sentence.endswith(".")


@pytest.mark.parametrize("path", sorted(every_command()), ids=" ".join)
def test_every_option_says_what_it_means(path):
    for parameter in found(path).params:
        if isinstance(parameter, click.Option):
            assert parameter.help or parameter.show_default, f"{path} {parameter.name}"


@pytest.mark.parametrize("path", sorted(every_command()), ids=" ".join)
def test_no_line_of_a_list_of_commands_is_cut_off(path):
    said = CliRunner().invoke(main, [*path, "--help"], terminal_width=80)

    assert "..." not in said.output.partition("Commands:")[2]


def test_the_commands_stand_in_the_order_of_use():
    listed = [
        line.split()[0]
        for line in CliRunner().invoke(main, ["--help"]).output.partition("Commands:")[2].splitlines()
        if line.strip()
    ]

    assert listed == [command.name for command in COMMANDS]
    assert listed.index("init") < listed.index("submit") < listed.index("review") < listed.index("issue")


def test_reasons_are_offered_as_they_are_kept():
    said = CliRunner().invoke(main, ["revoke", "--help"]).output

    assert "false_declaration" in said
    assert "FALSE_DECLARATION" not in said
