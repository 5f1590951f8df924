"""What came of an update, as a value and in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from signing.errors import DistributionRefused
from signing.offline.answer import BEIJING, ExitCode
from signing.offline.contents import Contents
from signing.offline.language import Language
from signing.offline.refusals import REFUSALS
from signing.offline.report import printable
from signing.offline.sentences import ANSWER, UPDATE


@dataclass(frozen=True, slots=True)
class Updated:
    """The copy before and after, ``None`` where there is none that could be used; and why not, if refused.

    ``recovered`` says that lower versions than those seen were accepted, since the keys behind them were
    replaced.
    """

    environment: str
    before: Contents | None
    after: Contents | None
    recovered: bool = False
    refused: DistributionRefused | None = None

    @property
    def result(self) -> str:
        """``updated``, ``current`` or ``refused``."""
        if self.refused:
            return "refused"
        return "current" if self.before == self.after else "updated"

    @property
    def exit_code(self) -> ExitCode:
        """0 updated or current, 2 refused."""
        return ExitCode.CANNOT_TELL if self.refused else ExitCode.VALID

    def to_json(self) -> dict[str, Any]:
        """Return the JSON answer."""
        return {
            "result": self.result,
            "reason": self.refused.reason.value if self.refused else None,
            "about": self.refused.about if self.refused else None,
            "environment": self.environment,
            "before": self.before.to_json() if self.before else None,
            "after": self.after.to_json() if self.after else None,
            "recovered": self.recovered,
        }

    def report(self, language: Language) -> str:
        """Return the answer in a language, with a final newline."""
        return "\n".join(self._lines(language)) + "\n"

    def _lines(self, language: Language) -> Iterator[str]:
        yield f"{'?' if self.refused else '✔'} {UPDATE[self.result].in_(language)}"
        if self.refused:
            said, about = REFUSALS[self.refused.reason], printable(self.refused.about)
            yield f"  {said.why.in_(language).format(about=about)}"
            yield f"  {said.advice.in_(language)}"
        for line in ("before", "after") if self.result == "updated" else ("after",):
            yield "  " + self._copy(line, language)
        if self.recovered:
            yield f"  {UPDATE['recovered'].in_(language)}"
        yield "  " + ANSWER["environment"].in_(language).format(environment=self.environment)

    def _copy(self, which: str, language: Language) -> str:
        copy = self.before if which == "before" else self.after
        if copy is None:
            return UPDATE["no_copy"].in_(language)
        words = UPDATE["kept" if self.refused else which].in_(language)
        return words.format(
            root=copy.root, keys=copy.keys, names=copy.names, status=copy.status, time=_local(copy.as_of)
        )


def _local(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
