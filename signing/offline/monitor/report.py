"""The answer for people: in order or not, then what is wrong with the leaf that shows it, then what is new.

Texts of leaves are somebody's; they are written out as in the report of ``certverify``.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from signing.offline.answer import BEIJING, LAST_SECOND
from signing.offline.language import Language
from signing.offline.monitor.finding import MAX_KEPT, Finding
from signing.offline.monitor.question import Watched
from signing.offline.monitor.sentences import DOUBTS, FAILURE, FINDINGS, LINES, NEWS_LINES, RESULTS, WORDS
from signing.offline.report import printable

NEWS_SHOWN: Final = 20
OLD_DAYS: Final = 7
_WORDED: Final = ("standing", "change", "why")
_INSTANTS: Final = ("at", "after", "cosigned_at")


def report(watched: Watched, language: Language, *, now: datetime) -> str:
    """Return the answer in a language, with a final newline; ``now`` is aware."""
    lines = [RESULTS[watched.result].in_(language), *_indented(_heading(watched, language, now))]
    for title, section in (
        ("found", _found(watched, language)),
        ("doubts", _doubts(watched, language)),
        ("evidence", iter(watched.evidence)),
    ):
        lines += _section(title, list(section), language)
    news = watched.news
    for title, items in (
        ("opened", news.opened),
        ("key_events", news.key_events),
        ("issued", news.issued),
        ("changed", news.changed),
    ):
        shown = [_told(NEWS_LINES[title].in_(language), item, language) for item in items[:NEWS_SHOWN]]
        if len(items) > NEWS_SHOWN:
            shown.append(LINES["rest"].in_(language).format(count=len(items)))
        lines += _section(title, shown, language)
    if watched.environment:
        lines += ["", "  " + LINES["environment"].in_(language).format(environment=watched.environment)]
    return "\n".join(lines) + "\n"


def failure(error: BaseException, language: Language) -> str:
    """Return the sentence for a failure of the command itself, with a final newline."""
    detail = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
    return f"certmonitor: {FAILURE.in_(language).format(detail=printable(detail))}\n"


def _heading(watched: Watched, language: Language, now: datetime) -> Iterator[str]:
    if watched.checkpoint is not None:
        head = watched.checkpoint.head
        yield LINES["log"].in_(language).format(origin=head.origin, size=head.size, root=head.root.hex())
    if watched.checkpoint is not None and watched.cosigned_at:
        names = ", ".join(sorted(watched.checkpoint.cosigned_at))
        at = datetime.fromtimestamp(min(watched.cosigned_at, LAST_SECOND), BEIJING)
        time = at.strftime("%Y-%m-%d %H:%M")
        yield LINES["cosigned"].in_(language).format(time=time, witnesses=names)
        if (now - at).days >= OLD_DAYS:
            yield LINES["old"].in_(language).format(days=(now - at).days)
        if at > now:
            yield LINES["ahead"].in_(language)
    yield _read(watched, language)
    if watched.found_before.counts.total():
        yield LINES["before"].in_(language).format(count=watched.found_before.counts.total())
    for body in watched.never_issued:
        yield LINES["never_issued"].in_(language).format(body=printable(body))
    if watched.tokens_held is not None:
        yield LINES["tokens_held"].in_(language).format(count=watched.tokens_held)


def _read(watched: Watched, language: Language) -> str:
    if watched.state is None:
        return LINES["not_read"].in_(language)
    first, size = watched.seen_size, watched.state.edge.size
    if first == size:
        return LINES["nothing"].in_(language)
    return LINES["read"].in_(language).format(first=first, last=size - 1)


def _found(watched: Watched, language: Language) -> Iterator[str]:
    for finding in watched.findings.kept:
        yield _finding(finding, language)
    for code, count in watched.findings.counts.items():
        if count > MAX_KEPT:
            yield LINES["more"].in_(language).format(code=code.value, count=count - MAX_KEPT)


def _finding(finding: Finding, language: Language) -> str:
    leaf = "" if finding.index is None else LINES["leaf"].in_(language).format(index=finding.index)
    text = _told(FINDINGS[finding.code].in_(language), dict(finding.facts), language)
    return f"[{finding.code.value}] {leaf}{text}"


def _doubts(watched: Watched, language: Language) -> Iterator[str]:
    for doubt, about in watched.doubts:
        yield f"[{doubt.value}] " + DOUBTS[doubt].in_(language).format(about=printable(about)).strip()


def _told(sentence: str, facts: dict[str, Any], language: Language) -> str:
    return sentence.format(**{name: _fact(name, value, language) for name, value in facts.items()})


def _fact(name: str, value: Any, language: Language) -> str:
    text = str(value)
    if name in _WORDED and text in WORDS:
        return WORDS[text].in_(language)
    if name in _INSTANTS:
        try:
            return datetime.fromisoformat(text).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
        except (ValueError, OverflowError):
            pass
    return printable(text)


def _section(title: str, lines: list[str], language: Language) -> list[str]:
    return ["", "  " + LINES[title].in_(language), *("    " + line for line in lines)] if lines else []


def _indented(lines: Iterator[str]) -> Iterator[str]:
    return ("  " + line for line in lines)
