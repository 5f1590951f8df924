"""``certverify INPUT``: verify a certificate with files alone.

The edge of the package: here the clock is read (once), the environment, the arguments and the files; the
verdict is ``signing.verdict``'s. The root comes from ``--root`` or from the user's own folder, never from
the public files nor from the token. Nothing is fetched and nothing is written, unless a proof of the public log is
asked for (``--write-proof``); ``certverify update``, a command of its own (``update_command``), does both.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from signing.errors import DistributionRefused, FreshnessOutOfBounds
from signing.freshness import Freshness
from signing.id_check import IdType, canonical, id_check
from signing.offline.answer import Answer, ExitCode, Holder, certificate_of
from signing.offline.arguments import Parser, instant
from signing.offline.errors import WrongArguments, WrongUse
from signing.offline.language import Language
from signing.offline.log_proof import ProofAnswer, check_proof, read_proof, write_proof
from signing.offline.public_files import (
    PublicFiles,
    default_public,
    default_root,
    fetch_public,
    fetched_root,
    public_state,
    read_public,
    read_root,
    trusted_names,
    trusted_root,
)
from signing.offline.reading import is_there, read_token
from signing.offline.report import failure, refusal, report
from signing.offline.sentences import HELP
from signing.offline.source import FolderSource, Source, WebSource, open_source
from signing.offline.terminal import allow_any_character, say, say_if_possible, wants_colour
from signing.root import Root
from signing.statement import Statement
from signing.verdict import PublicState, judge

UPDATE = "update"
"""The one word that is a command; a file of this name is ``./update``."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked. ``id_number`` is ``None`` when no holder is to be compared.

    ``root`` is the newest that the pinned one leads to; ``refused`` says that the way there is broken, and
    then there are no files to rest on. ``proof`` is one to check, ``write_proof`` where one is to be written,
    out of the log at ``source``.
    """

    token: bytes
    root: Root | None
    files: PublicFiles
    id_number: tuple[IdType, str] | None
    asked_at: datetime
    freshness: Freshness
    refused: DistributionRefused | None = None
    proof: bytes | None = None
    write_proof: Path | None = None
    source: Source | None = None


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code.

    0 valid, 1 not valid, 2 can not tell, 64 wrong use, 70 a failure of the command itself.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    language = language_of(arguments, os.environ)
    allow_any_character(sys.stdout)
    allow_any_character(sys.stderr)
    try:
        return _answered(arguments, language)
    except WrongUse as error:
        say_if_possible(sys.stderr, refusal(error, language))
        return ExitCode.WRONG_USE
    except (KeyboardInterrupt, SystemExit):
        raise
    # Python ends with 1 for what nobody foresaw, and 1 says here that a certificate is not valid.
    except BaseException as error:  # noqa: BLE001
        say_if_possible(sys.stderr, failure(error, language))
        return ExitCode.FAILED


def _answered(arguments: Sequence[str], language: Language) -> ExitCode:
    if arguments[:1] == [UPDATE]:
        return _updated(arguments[1:], language)
    options = _parser(language).parse_args(arguments)
    answer = answer_to(_question(options, os.environ, language, now=datetime.now(UTC)))
    if options.json:
        text = json.dumps(answer.to_json()) + "\n"
    else:
        text = report(answer, language, colour=wants_colour(sys.stdout, os.environ))
    say(sys.stdout, text)
    return answer.exit_code


def _updated(arguments: Sequence[str], language: Language) -> ExitCode:
    # Verifying asks no network and loads nothing that could; so this is loaded only here.
    from signing.offline import update_command

    options = update_command.parse(arguments, language)
    updated = update_command.update(options, os.environ, now=datetime.now(UTC))
    say(sys.stdout, json.dumps(updated.to_json()) + "\n" if options.json else updated.report(language))
    return updated.exit_code


def answer_to(question: Question) -> Answer:
    """Return the answer: the verdict, the holder, and the certificate where it may be shown."""
    state = public_state(question.root, question.files)
    judgement = judge(question.token, state, now=question.asked_at, freshness=question.freshness)
    certificate = None
    if judgement.statement is not None and state.trust is not None:
        names = trusted_names(state.trust, question.files)
        certificate = certificate_of(judgement.statement, state.trust.profiles, names)
    return Answer(
        judgement=judgement,
        holder=_holder(judgement.statement, state, question.id_number),
        certificate=certificate,
        environment=question.root.environment if question.root else "",
        asked_at=question.asked_at,
        freshness=question.freshness,
        refused=question.refused,
        proof=_proof(question, judgement.statement, state),
        fetched=isinstance(question.source, WebSource),
    )


def language_of(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Return the language of ``--language``, else of the locale: Chinese for ``zh…``, else English."""
    named = [value for name, value in pairwise(arguments) if name == "--language"]
    named += [value.partition("=")[2] for value in arguments if value.startswith("--language=")]
    named += [environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)]
    return Language.ZH if named and named[0].lower().startswith("zh") else Language.EN


def _holder(statement: Statement | None, state: PublicState, asked: tuple[IdType, str] | None) -> Holder:
    if asked is None or statement is None or state.trust is None:
        return Holder.NOT_ASKED
    id_type, number = asked
    matches = id_check(state.trust.salt, id_type, number) == statement.id_check
    return Holder.MATCH if matches else Holder.NO_MATCH


def _proof(question: Question, statement: Statement | None, state: PublicState) -> ProofAnswer | None:
    if question.proof is not None:
        return check_proof(question.proof, question.token, state.trust)
    if question.write_proof is None:
        return None
    entry = None if statement is None else statement.entry
    return write_proof(question.write_proof, question.token, entry, state.trust, question.source)


# The arguments


def _parser(language: Language) -> argparse.ArgumentParser:
    text = {name: told.in_(language) for name, told in HELP.items()}
    types = _values(IdType)
    id_help = f"{text['id_type']}: {', '.join(types)}"
    parser = Parser("certverify", text["description"])
    parser.add_argument("input", metavar="INPUT", help=text["input"])
    parser.add_argument("--public", metavar="DIR", help=text["public"])
    parser.add_argument("--root", metavar="FILE", type=Path, help=text["root"])
    parser.add_argument("--id-type", metavar="T", choices=types, help=id_help)
    parser.add_argument("--id-number", metavar="N", help=text["id_number"])
    of_log = parser.add_mutually_exclusive_group()
    of_log.add_argument("--proof", metavar="FILE", type=Path, help=text["proof"])
    of_log.add_argument("--write-proof", metavar="FILE", type=Path, help=text["write_proof"])
    parser.add_argument("--now", metavar="ISO", help=text["now"])
    parser.add_argument("--max-age-days", metavar="N", help=text["max_age_days"])
    parser.add_argument("--note-age-days", metavar="N", help=text["note_age_days"])
    parser.add_argument("--json", action="store_true", help=text["json"])
    parser.add_argument("--language", choices=_values(Language), help=text["language"])
    parser.add_argument("-h", "--help", action="help", help=text["help"])
    return parser


def _values(choices: type[StrEnum]) -> list[str]:
    return [choice.value for choice in choices]


def _question(
    options: argparse.Namespace, environment: Mapping[str, str], language: Language, *, now: datetime
) -> Question:
    asked = _id_number(options.id_type, options.id_number, language)
    asked_at = now if options.now is None else instant(options.now, HELP["naive"].in_(language))
    token, freshness = read_token(options.input), _freshness(options, environment, language)
    proof = read_proof(options.proof) if options.proof else None
    if options.write_proof and os.path.lexists(options.write_proof):
        raise WrongArguments(HELP["proof_exists"].in_(language))
    root_path: Path = options.root or default_root(environment)
    pinned = read_root(root_path) if options.root or is_there(root_path) else None
    root, files, source, refused = _public(options, environment, language, pinned)
    return Question(
        token, root, files, asked, asked_at, freshness, refused, proof, options.write_proof, source
    )


_Public = tuple[Root | None, PublicFiles, Source | None, DistributionRefused | None]


def _public(
    options: argparse.Namespace, environment: Mapping[str, str], language: Language, pinned: Root | None
) -> _Public:
    """Return the newest root and the files, the source of a log beside them, and why they can not be believed."""
    if options.public and "://" in options.public:
        return _fetched(options, language, pinned)
    folder = Path(options.public) if options.public else default_public(environment, pinned)
    files = read_public(folder) if options.public or is_there(folder) else PublicFiles()
    source = FolderSource(folder)
    try:
        return pinned and trusted_root(pinned, folder), files, source, None
    except DistributionRefused as refusal:
        return pinned, PublicFiles(), source, refusal


def _fetched(options: argparse.Namespace, language: Language, pinned: Root | None) -> _Public:
    if options.write_proof is None:
        raise WrongArguments(HELP["address"].in_(language))
    source = open_source(options.public, named="--public")
    try:
        return pinned and fetched_root(pinned, source), fetch_public(source), source, None
    except DistributionRefused as refusal:
        return pinned, PublicFiles(), source, refusal


def _id_number(id_type: str | None, number: str | None, language: Language) -> tuple[IdType, str] | None:
    if id_type is None and number is None:
        return None
    if id_type is None or number is None:
        raise WrongArguments(HELP["both"].in_(language))
    try:
        number.encode()
    except UnicodeEncodeError:
        raise WrongArguments(HELP["number"].in_(language)) from None
    if not canonical(number):
        raise WrongArguments(HELP["number"].in_(language))
    return IdType(id_type), number


def _freshness(options: argparse.Namespace, environment: Mapping[str, str], language: Language) -> Freshness:
    """Return how old the status may be: as asked, else as this user's environment says, else 30 days."""
    try:
        return Freshness.from_texts(
            note_days=_setting(options.note_age_days, environment, "CERTVERIFY_NOTE_AGE_DAYS"),
            max_days=_setting(options.max_age_days, environment, "CERTVERIFY_MAX_AGE_DAYS"),
        )
    except FreshnessOutOfBounds:
        raise WrongArguments(HELP["freshness"].in_(language)) from None


def _setting(option: str | None, environment: Mapping[str, str], variable: str) -> str | None:
    return environment.get(variable) or None if option is None else option
