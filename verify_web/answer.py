"""What a page says of a certificate, in words: from a judgement of a token, or from a record of the register.

The verdict is decided in ``signing.verdict`` and the status in the register; here they only get their
words, the same ones that ``static/landing/answer.js`` uses.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.publication.records import PublicRecord
from signing.freshness import Freshness
from signing.number import Profile, issuer_key, shown
from signing.statement import Statement
from signing.trust import TrustNames
from signing.verdict import Judgement, PublicState, Verdict
from verify_web.bundle import Bundle
from verify_web.texts import Texts

# How the marks and colours of the page call a status of the register.
LOOKS = {
    "released": Verdict.VALID,
    "suspended": Verdict.SUSPENDED,
    "revoked": Verdict.REVOKED,
    "superseded": Verdict.SUPERSEDED,
}

SINCE = {"suspended": "field.suspended_on", "revoked": "field.revoked_on"}


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a certificate; ``look`` names how it is set: ``name``, ``code`` or nothing special."""

    label: str
    value: str
    look: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """All that is shown of one certificate; ``look`` is the verdict that gives the mark and the colour."""

    look: str
    headline: str
    explanation: str
    notes: tuple[str, ...]
    lines: tuple[Line, ...]


def of_judgement(
    judged: Judgement,
    bundle: Bundle,
    texts: Texts,
    *,
    freshness: Freshness,
    record: PublicRecord | None = None,
) -> Answer:
    """Return the words for a judgement by a policy of freshness.

    Of a token that is not genuine nothing is shown, whether or not its signature holds. ``record`` is what the
    register has of a certificate that is revoked or suspended, to say since when and why.
    """
    lines: list[Line] = []
    notes: list[str] = []
    if judged.stale:
        notes.append(texts.say("note.stale", days=freshness.note_days))
    if judged.statement is not None and judged.verdict is not Verdict.NOT_GENUINE:
        lines += _told_lines(record, texts)
        lines += _statement_lines(judged.statement, bundle, texts)
        notes += _content_notes(judged.verdict, texts)
    if judged.as_of is not None:
        lines.append(Line(texts.say("field.as_of"), texts.instant(judged.as_of)))
    return Answer(
        look=judged.verdict,
        headline=texts.say(f"verdict.{judged.verdict}"),
        explanation=texts.say(f"reason.{judged.reason}", days=freshness.max_days),
        notes=tuple(notes),
        lines=tuple(lines),
    )


def of_record(record: PublicRecord, texts: Texts, *, by_id: bool) -> Answer:
    """Return the words for a record; ``by_id`` when the visitor gave the holder's ID number."""
    said = Line(texts.say("field.id_number"), texts.say("found.id_match"))
    cause = [Line(texts.say("field.cause"), texts.say(f"cause.{record.cause}"))] if record.cause else []
    return Answer(
        look=LOOKS[record.status],
        headline=texts.say(f"status.{record.status}"),
        explanation=_since(record, texts),
        notes=(),
        lines=(
            *cause,
            Line(texts.say("field.holder_name"), record.holder_name, "name"),
            *([said] if by_id else []),
            Line(texts.say("field.occupation"), record.occupation),
            Line(texts.say("field.direction"), record.direction or texts.say("field.no_direction")),
            Line(texts.say("field.level"), texts.say(f"level.{record.level:d}")),
            Line(texts.say("field.issuer"), record.issuer),
            Line(texts.say("field.number"), record.number, "code"),
            Line(texts.say("field.issued_on"), texts.date(record.issued_on)),
        ),
    )


def _since(record: PublicRecord, texts: Texts) -> str:
    if record.changed_on is None:
        return ""
    return texts.say("status.changed_on", date=texts.date(record.changed_on))


def _told_lines(record: PublicRecord | None, texts: Texts) -> list[Line]:
    """Return since when and why a certificate is out of force, as far as the register has it."""
    lines = []
    if record and record.changed_on:
        lines.append(Line(texts.say(SINCE[record.status]), texts.date(record.changed_on)))
    if record and record.cause:
        lines.append(Line(texts.say("field.cause"), texts.say(f"cause.{record.cause}")))
    return lines


def _content_notes(verdict: Verdict, texts: Texts) -> list[str]:
    if verdict is Verdict.VALID:
        return []
    if verdict is Verdict.CANNOT_TELL:
        return [texts.say("advice.content_unsure")]
    return [texts.say("advice.content_not_in_force")]


def _statement_lines(statement: Statement, bundle: Bundle, texts: Texts) -> list[Line]:
    names = bundle.names
    occupation = statement.occupation
    named = names.occupations.get((occupation.edition, occupation.code)) if names else None
    return [
        Line(texts.say("field.holder_name"), statement.holder_name, "name"),
        Line(texts.say("field.occupation"), named or texts.say("field.code", code=occupation.text)),
        Line(texts.say("field.direction"), _direction(statement.direction, names, texts)),
        Line(texts.say("field.level"), texts.say(f"level.{statement.level:d}")),
        Line(texts.say("field.issuer"), _issuer(statement.number, bundle, texts)),
        Line(texts.say("field.number"), shown(statement.number, _profiles(bundle.state)), "code"),
        Line(texts.say("field.issued_on"), texts.date(statement.issued_on)),
    ]


def _direction(direction: int | None, names: TrustNames | None, texts: Texts) -> str:
    if direction is None:
        return texts.say("field.no_direction")
    named = names.directions.get(direction) if names else None
    return named or texts.say("field.code", code=direction)


def _issuer(number: bytes, bundle: Bundle, texts: Texts) -> str:
    key = issuer_key(number, _profiles(bundle.state))
    if key is None:
        return texts.say("field.code", code=shown(number, {}))
    named = bundle.names.issuers.get(key) if bundle.names else None
    return named or texts.say("field.code", code=key[1])


def _profiles(state: PublicState) -> Mapping[int, Profile]:
    return state.trust.profiles if state.trust else {}
