"""The answer for people: the verdict first, in words and in shape, then why, what to do, and the certificate.

Names in a certificate are signed, not harmless: characters that steer a terminal or turn the direction of
writing are written out, and so are blanks in a row, so that no name can paint another verdict over ours or
set one beside it.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from signing.offline.answer import BEIJING, LAST_SECOND, Answer, Certificate, Holder, Named
from signing.offline.errors import WrongUse
from signing.offline.language import Language, Text
from signing.offline.log_proof import ProofAnswer
from signing.offline.reasons import REASONS, Said
from signing.offline.refusals import REFUSALS
from signing.offline.sentences import (
    ANSWER,
    EDITIONS,
    FAILURES,
    HOLDERS,
    LABELS,
    LEVELS,
    NONE,
    NOT_VALID_SHAPE,
    PROOF,
    SHAPES,
    SITUATIONS,
    SOURCES,
    VERDICTS,
)
from signing.verdict import Reason, Verdict

_STEERING = {"Cc", "Cf", "Cs", "Zl", "Zp"}
# Spaces of every width, and the letters and signs that look like one.
_BLANKS = re.compile(
    "[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u115f\u1160\u3164\uffa0\u2800\U0001d159]{2,}"
)
_GREEN, _RED, _AMBER, _PLAIN = "\x1b[1;32m", "\x1b[1;31m", "\x1b[33m", "\x1b[0m"
_COLOURS = {"✔": _GREEN, "✘": _RED, "?": _AMBER}


def report(answer: Answer, language: Language, *, colour: bool) -> str:
    """Return the answer in a language, with a final newline; ``colour`` adds ANSI colours for a terminal."""
    said = _said(answer)
    lines = list(_headline(answer, said, language, colour=colour))
    if answer.certificate:
        lines += ["", *_certificate(answer, answer.certificate, language)]
    if answer.proof:
        lines += ["", *_proof(answer.proof, language, colour=colour)]
    lines += ["", *_footing(answer, language, colour=colour)]
    return "\n".join(lines) + "\n"


def _said(answer: Answer) -> Said:
    reason = answer.judgement.reason
    if reason is not Reason.NO_TRUST_BUNDLE or answer.refused is None:
        return REASONS[reason]
    why, advice = REFUSALS[answer.refused.reason]
    return Said(Text(*(told.format(about=printable(answer.refused.about)) for told in why)), advice)


def refusal(error: WrongUse, language: Language, *, program: str = "certverify") -> str:
    """Return the sentence for what can not be verified at all, with a final newline."""
    detail = SOURCES[error.detail].in_(language) if error.detail in SOURCES else printable(error.detail)
    return f"{program}: {SITUATIONS[error.situation].in_(language).format(detail=detail)}\n"


def failure(error: BaseException, language: Language) -> str:
    """Return the sentence for a failure of the command itself, with a final newline."""
    situation = "not_written" if isinstance(error, OSError) else "failed"
    detail = printable((error.strerror if isinstance(error, OSError) else None) or type(error).__name__)
    return f"certverify: {FAILURES[situation].in_(language).format(detail=detail)}\n"


def printable(text: str) -> str:
    """Return text with control, format and surrogate characters written out, such as ``<U+202E>``.

    Two and more blanks in a row are written out and counted, such as ``<U+0020×40>``.
    """
    seen = "".join(f"<U+{ord(c):04X}>" if unicodedata.category(c) in _STEERING else c for c in text)
    return _BLANKS.sub(_counted, seen)


def _counted(blanks: re.Match[str]) -> str:
    runs = ((blank, len(list(run))) for blank, run in groupby(blanks[0]))
    return "".join(f"<U+{ord(blank):04X}×{count}>" for blank, count in runs)


def _headline(answer: Answer, said: Said, language: Language, *, colour: bool) -> Iterator[str]:
    verdict = answer.judgement.verdict
    words, why = VERDICTS[verdict].in_(language), said.why.in_(language)
    why = why.format(days=answer.freshness.max_days)
    shape, advice = SHAPES.get(verdict, NOT_VALID_SHAPE), said.advice
    if answer.holder is Holder.NO_MATCH:
        why = ANSWER["by_itself"].in_(language).format(verdict=words) + why
        shape, words = NOT_VALID_SHAPE, ANSWER["wrong_holder"].in_(language)
        advice = ANSWER["wrong_holder_advice"]
    yield _coloured(f"{shape} {words}", _COLOURS[shape], colour=colour)
    yield f"  {why}"
    yield f"  {advice.in_(language)}"


def _certificate(answer: Answer, certificate: Certificate, language: Language) -> Iterator[str]:
    if answer.judgement.verdict is Verdict.NOT_GENUINE:
        yield f"  {ANSWER['claims'].in_(language)}"
    for label, value in _fields(certificate, language):
        yield _field(label, value, language)
    yield _field("holder", HOLDERS[answer.holder].in_(language), language)


def _fields(certificate: Certificate, language: Language) -> Iterator[tuple[str, str]]:
    edition = EDITIONS.get(certificate.edition)
    edition_text = edition.in_(language) if edition else str(certificate.edition)
    none = NONE.in_(language)
    yield "holder_name", certificate.holder_name
    yield "number", certificate.number
    yield "occupation", _named(certificate.occupation, language, edition_text)
    yield "direction", _named(certificate.direction, language) if certificate.direction else none
    yield "level", LEVELS[certificate.level].in_(language)
    if certificate.issuer:
        yield "issuer", _named(certificate.issuer, language)
    yield "issued_on", certificate.issued_on.isoformat()
    yield "entry", str(certificate.entry)


def _field(label: str, value: str, language: Language) -> str:
    words = LABELS[label].in_(language)
    padded = words.ljust(4, "\u3000") if language is Language.ZH else words.ljust(10)
    return f"    {padded}  {printable(value)}"


def _named(named: Named, language: Language, *more: str) -> str:
    """Return the name with its code, or the code alone; ``more`` tells what the code is of."""
    parts = [part for part in (named.name, named.code, *more) if part is not None]
    if len(parts) == 1:
        return parts[0]
    inside = ANSWER["comma"].in_(language).join(parts[1:])
    return ANSWER["named"].in_(language).format(name=parts[0], inside=inside)


def _proof(proof: ProofAnswer, language: Language, *, colour: bool) -> Iterator[str]:
    if proof.shown is None:
        shape, told = ("✘", "refused") if proof.refused else ("?", "not_told")
        line = PROOF[told].in_(language).format(why=printable(proof.why))
        yield _coloured(f"{shape} {line}", _COLOURS[shape], colour=colour)
        return
    shown = proof.shown
    yield _coloured("✔ " + PROOF["holds"].in_(language), _COLOURS["✔"], colour=colour)
    witnesses = printable(", ".join(shown.witnesses))
    yield "  " + PROOF["leaf"].in_(language).format(index=shown.index, size=shown.size)
    if shown.witnessed_at is None:
        yield "  " + PROOF["undated"].in_(language).format(witnesses=witnesses)
    else:
        at = datetime.fromtimestamp(min(shown.witnessed_at, LAST_SECOND), BEIJING)
        time = at.strftime("%Y-%m-%d %H:%M")
        yield "  " + PROOF["witnessed"].in_(language).format(time=time, witnesses=witnesses)
    if proof.written:
        yield "  " + PROOF["written"].in_(language).format(path=printable(str(proof.written)))


def _footing(answer: Answer, language: Language, *, colour: bool) -> Iterator[str]:
    judgement = answer.judgement
    if judgement.as_of:
        time = judgement.as_of.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
        yield "  " + ANSWER["as_of"].in_(language).format(time=time)
    if judgement.as_of and judgement.stale:
        days = (answer.asked_at - judgement.as_of).days
        yield _coloured("  " + ANSWER["stale"].in_(language).format(days=days), _AMBER, colour=colour)
    if answer.certificate:
        yield "  " + ANSWER["not_proven"].in_(language)
    if answer.environment:
        yield "  " + ANSWER["environment"].in_(language).format(environment=answer.environment)
    yield "  " + ANSWER["fetched" if answer.fetched else "offline"].in_(language)


def _coloured(text: str, colour_code: str, *, colour: bool) -> str:
    return f"{colour_code}{text}{_PLAIN}" if colour else text
