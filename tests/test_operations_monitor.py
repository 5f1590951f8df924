"""The page about the monitor names every option, code and member of the answer that there is, and no other."""

import re
from pathlib import Path

import pytest

from signing.offline.command import _parser as certverify_parser
from signing.offline.language import Language
from signing.offline.monitor.command import _parser as certmonitor_parser
from signing.offline.monitor.finding import MAX_KEPT, Code, Doubt
from signing.offline.monitor.news import BACK_DATING_SECONDS, DAY_SECONDS, WAIT_SECONDS
from signing.offline.monitor.question import Watched

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "operations-monitor.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
PARSERS = {"certmonitor": certmonitor_parser, "certverify": certverify_parser}


def options_of(program):
    return {name for action in PARSERS[program](Language.EN)._actions for name in action.option_strings}


def quoted(text):
    """Return the calls of a program in blocks and inline, continued lines joined."""
    joined = text.replace("\\\n", " ")
    found = re.findall(r"(?:^|`|/)(certmonitor|certverify)( [^`\n#]+)", joined, re.MULTILINE)
    return [(program, words) for program, words in found if words.split()[0] != "update"]


@pytest.mark.parametrize(("program", "words"), quoted(PAGE) + quoted(README))
def test_every_option_that_is_quoted_exists(program, words):
    assert {word for word in words.split() if word.startswith("--")} <= options_of(program)


def test_both_pages_quote_both_programs():
    assert (
        {program for program, _ in quoted(PAGE)} == {program for program, _ in quoted(README)} == set(PARSERS)
    )


def test_every_option_of_the_monitor_is_described():
    table = PAGE.partition("| argument |")[2].partition("\n\n")[0]

    assert set(re.findall(r"--[a-z]+", table)) == options_of("certmonitor") - {"-h", "--help"}


def test_every_finding_is_described():
    table = PAGE.partition("| code |")[2].partition("\n\n")[0]
    first_cells = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)

    assert re.findall(r"`(\w+)`", " ".join(first_cells)) == [str(code) for code in Code]


def test_every_doubt_is_described():
    section = PAGE.partition("## What can not be told")[2].partition("\n## ")[0]

    assert re.findall(r"`([a-z]+_[a-z_]+)`", section) == [str(doubt) for doubt in Doubt]


def test_every_member_of_the_answer_is_described():
    section = PAGE.partition("## The JSON answer")[2].partition("\n## ")[0]

    assert set(Watched().to_json()) <= set(re.findall(r"`(\w+)`", section))


def test_the_limits_are_those_of_the_program():
    assert WAIT_SECONDS == BACK_DATING_SECONDS == 7 * DAY_SECONDS
    assert f"the first {MAX_KEPT} alone" in " ".join(PAGE.split())
