"""``certmonitor FROM --state FILE``: read the public log once, and say whether it is as it should be.

The edge: the clock is read here (once), the environment, the arguments and the files. It is meant to be run again and
again, by a timer; what it remembers lies in the state alone.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from signing.offline.answer import ExitCode
from signing.offline.arguments import Parser, instant
from signing.offline.command import language_of
from signing.offline.errors import WrongUse
from signing.offline.language import Language
from signing.offline.monitor.question import Question
from signing.offline.monitor.report import failure, report
from signing.offline.monitor.sentences import HELP
from signing.offline.monitor.state import read_state, write_state
from signing.offline.monitor.trusted_logs import places_of
from signing.offline.monitor.watch import watch
from signing.offline.public_files import default_public, default_root, read_root
from signing.offline.reading import is_there
from signing.offline.report import refusal
from signing.offline.source import open_source
from signing.offline.terminal import allow_any_character, say, say_if_possible

PROGRAM = "certmonitor"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code.

    0 in order, 1 something is wrong, 2 can not tell, 64 wrong use, 70 a failure of the command itself.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    language = language_of(arguments, os.environ)
    allow_any_character(sys.stdout)
    allow_any_character(sys.stderr)
    try:
        return _watched(arguments, language)
    except WrongUse as error:
        say_if_possible(sys.stderr, refusal(error, language, program=PROGRAM))
        return ExitCode.WRONG_USE
    except (KeyboardInterrupt, SystemExit):
        raise
    # As in `certverify`: 1 says here that something is wrong with the log.
    except BaseException as error:  # noqa: BLE001
        say_if_possible(sys.stderr, failure(error, language))
        return ExitCode.FAILED


def _watched(arguments: Sequence[str], language: Language) -> ExitCode:
    options = _parser(language).parse_args(arguments)
    question = _question(options, os.environ, language, now=datetime.now(UTC))
    watched = watch(question)
    text = (
        json.dumps(watched.to_json()) + "\n" if options.json else report(watched, language, now=question.now)
    )
    # Told first, kept then: what was told and not kept is told again, what was kept and not told would be lost.
    say(sys.stdout, text)
    if watched.state is not None:
        write_state(options.state, watched.state)
    return watched.exit_code


def _question(
    options: argparse.Namespace, environment: Mapping[str, str], language: Language, *, now: datetime
) -> Question:
    root_path: Path = options.root or default_root(environment)
    pinned = read_root(root_path) if options.root or is_there(root_path) else None
    source = open_source(options.source, named="FROM")
    return Question(
        source=source,
        root=pinned,
        trust_places=places_of(source, options.public, default_public(environment, pinned)),
        state_path=options.state,
        state=read_state(options.state),
        mirrors=[(name, open_source(name, named="--mirror")) for name in options.mirror],
        bodies=frozenset(options.body),
        tokens=options.tokens,
        now=now if options.now is None else instant(options.now, HELP["naive"].in_(language)),
    )


def _parser(language: Language) -> argparse.ArgumentParser:
    text = {name: told.in_(language) for name, told in HELP.items()}
    parser = Parser(PROGRAM, text["description"])
    parser.add_argument("source", metavar="FROM", help=text["source"])
    parser.add_argument("--root", metavar="FILE", type=Path, help=text["root"])
    parser.add_argument("--public", metavar="DIR", help=text["public"])
    parser.add_argument("--state", metavar="FILE", type=Path, required=True, help=text["state"])
    parser.add_argument("--body", metavar="CODE", action="append", default=[], help=text["body"])
    parser.add_argument("--tokens", metavar="DIR", type=Path, help=text["tokens"])
    parser.add_argument("--mirror", metavar="OTHER", action="append", default=[], help=text["mirror"])
    parser.add_argument("--now", metavar="ISO", help=text["now"])
    parser.add_argument("--json", action="store_true", help=text["json"])
    parser.add_argument("--language", choices=[choice.value for choice in Language], help=text["language"])
    parser.add_argument("-h", "--help", action="help", help=text["help"])
    return parser
