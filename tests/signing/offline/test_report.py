"""The sentences: that none is missing, and that no name can paint over them."""

import string

import pytest

from signing.freshness import Freshness
from signing.offline import errors, sentences
from signing.offline.answer import Answer, Certificate, Holder, Named, certificate_of
from signing.offline.errors import WrongUse
from signing.offline.language import Language
from signing.offline.reasons import REASONS
from signing.offline.report import printable, refusal, report
from signing.offline.sentences import HOLDERS, LEVELS, SITUATIONS, SOURCES, VERDICTS
from signing.statement import Level
from signing.verdict import Judgement, Reason, Verdict
from tests.vectors import world

REFUSALS = [
    error for error in vars(errors).values() if isinstance(error, type) and issubclass(error, WrongUse)
]


@pytest.mark.parametrize(
    ("table", "keys"),
    [
        (REASONS, Reason),
        (VERDICTS, Verdict),
        (HOLDERS, Holder),
        (LEVELS, Level),
        (SITUATIONS, [error.situation for error in REFUSALS if error is not WrongUse]),
        (SOURCES, ["link", "file", "image", "pdf"]),
    ],
)
def test_nothing_is_without_its_sentence(table, keys):
    assert set(table) == set(keys)


def every_text() -> list[sentences.Text]:
    tables = [SITUATIONS, SOURCES, VERDICTS, HOLDERS, LEVELS, sentences.EDITIONS, sentences.ANSWER]
    tables += [sentences.LABELS, sentences.HELP, sentences.FAILURES]
    texts = [text for table in tables for text in table.values()]
    return [*texts, *[text for said in REASONS.values() for text in said], sentences.NONE]


def test_every_text_says_the_same_in_both_languages():
    def places(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for text in every_text():
        assert text.zh
        assert text.en
        assert places(text.zh) == places(text.en)
        assert not any(
            "\u4e00" <= character <= "\u9fff" for character in text.en.replace("专业技术等级证书", "")
        )


def answer(reason: Reason = Reason.VALID, verdict: Verdict = Verdict.VALID, **changed: object) -> Answer:
    statement = world.statement(**changed)
    return Answer(
        judgement=Judgement(verdict, reason, world.NOW, statement),
        holder=Holder.NOT_ASKED,
        certificate=certificate_of(statement, world.PROFILES, world.trust_names()),
        environment="demo",
        asked_at=world.NOW,
        freshness=Freshness(5, 90),
    )


@pytest.mark.parametrize(
    ("language", "words"), [(Language.ZH, "已超过 90 天"), (Language.EN, "more than 90 days old")]
)
def test_a_status_too_old_is_so_by_the_policy_in_use(language, words):
    too_old = answer(Reason.STATUS_TOO_OLD, Verdict.CANNOT_TELL)

    assert words in report(too_old, language, colour=False)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("reason", Reason)
def test_the_verdict_stands_first_in_words_and_in_shape(reason, language):
    for verdict in Verdict:
        first, why, advice, *_ = report(answer(reason, verdict), language, colour=False).splitlines()

        shape = {Verdict.VALID: "✔", Verdict.CANNOT_TELL: "?"}.get(verdict, "✘")
        assert first == f"{shape} {VERDICTS[verdict].in_(language)}"
        assert (why.strip(), advice.strip()) == tuple(
            text.in_(language).format(days=90) for text in REASONS[reason]
        )


def test_what_a_false_certificate_says_is_marked_as_its_claim():
    text = report(answer(Reason.OUTSIDE_KEY_RANGE, Verdict.NOT_GENUINE), Language.EN, colour=False)

    assert "What it claims (not to be relied on)" in text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("张\x1b[2J三", "张<U+001B>[2J三"),
        ("张\n✔ 有效", "张<U+000A>✔ 有效"),
        ("\u202e三张", "<U+202E>三张"),
        ("张\u200d三", "张<U+200D>三"),
        ("张\u2028三", "张<U+2028>三"),
        ("张\U000e0041三", "张<U+E0041>三"),
        ("\x9b31m", "<U+009B>31m"),
        ("\udc80", "<U+DC80>"),
        ("张" + " " * 40 + "✔ 有效", "张<U+0020×40>✔ 有效"),
        ("张\u3000 \u00a0有效", "张<U+3000×1><U+0020×1><U+00A0×1>有效"),
        ("张\u3164\u3164\u2800有效", "张<U+3164×2><U+2800×1>有效"),
        ("Anna Maria Li", "Anna Maria Li"),
        ("阿卜杜热依木·买买提", "阿卜杜热依木·买买提"),
        ("𬭸䶮㼆\U00030edd", "𬭸䶮㼆\U00030edd"),
    ],
)
def test_a_name_can_not_steer_the_terminal(name, shown):
    assert printable(name) == shown
    if "\udc80" not in name:
        assert shown in report(answer(holder_name=name), Language.ZH, colour=False)


def test_a_refusal_does_not_repeat_what_steers_a_terminal():
    assert "\x1b" not in refusal(errors.NotAnInput("\x1b[2J"), Language.EN)


@pytest.mark.parametrize("colour", [False, True])
def test_colour_is_added_only_where_it_is_wanted(colour):
    assert ("\x1b[" in report(answer(), Language.ZH, colour=colour)) is colour


def test_codes_that_nobody_names_are_shown_as_codes():
    statement = world.statement(number=b"\x63\x01\x02", direction=9)

    certificate = certificate_of(statement, world.PROFILES, None)

    assert certificate == Certificate(
        number="99:0102",
        holder_name="张小明",
        occupation=Named("2-02-10-11", None),
        edition=2,
        direction=Named("9", None),
        level=Level.SENIOR,
        issuer=None,
        issued_on=statement.issued_on,
        entry=100,
    )
