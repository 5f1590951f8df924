"""What a monitor finds: a stable code, the leaf that shows it, and the facts. The words are in ``sentences``."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

MAX_KEPT: Final = 200
"""Findings of one code that are told one by one; of the others only how many there are."""

Facts = Mapping[str, str | int]


class Code(StrEnum):
    """What is wrong; stable."""

    FORKED_TREE = "forked_tree"
    SMALLER_TREE = "smaller_tree"
    SPLIT_VIEW = "split_view"
    TOO_FEW_COSIGNATURES = "too_few_cosignatures"
    UNKNOWN_LEAF = "unknown_leaf"
    UNKNOWN_PROFILE = "unknown_profile"
    NUMBER_MISFIT = "number_misfit"
    SERIES_NOT_OPENED = "series_not_opened"
    DUPLICATE_NUMBER = "duplicate_number"
    DUPLICATE_ENTRY = "duplicate_entry"
    ENTRY_GAP = "entry_gap"
    SERIES_GAP = "series_gap"
    DATED_AHEAD = "dated_ahead"
    BACK_DATED = "back_dated"
    WRONG_YEAR = "wrong_year"
    UNLAWFUL_CHANGE = "unlawful_change"
    CONTENT_DIFFERS = "content_differs"
    UNKNOWN_TO_BODY = "unknown_to_body"
    NOT_IN_LOG = "not_in_log"


class Doubt(StrEnum):
    """Why something could not be told; stable."""

    NO_TRUST_BUNDLE = "no_trust_bundle"
    TRUST_BUNDLE_EXPIRED = "trust_bundle_expired"
    OLDER_TRUST_BUNDLE = "older_trust_bundle"
    UNKNOWN_LOG = "unknown_log"
    CHECKPOINT_REFUSED = "checkpoint_refused"
    NOT_TO_BE_HAD = "not_to_be_had"
    LOG_DAMAGED = "log_damaged"
    MIRROR_NOT_READ = "mirror_not_read"
    TOKEN_NOT_READ = "token_not_read"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. ``index`` is the place of the leaf, 0 first; ``None`` where no one leaf shows it."""

    code: Code
    index: int | None
    facts: Facts

    def to_json(self) -> dict[str, Any]:
        """Return the finding for the JSON answer: the code, the index, and the facts beside them."""
        return {"code": self.code.value, "index": self.index, **self.facts}

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read one that the state kept; ``ValueError`` or ``KeyError`` for anything else."""
        facts = json.loads(text)
        return cls(Code(facts.pop("code")), facts.pop("index"), facts)


@dataclass(slots=True)
class Findings:
    """What was found: the first of each code, and how many of each there are."""

    kept: list[Finding] = field(default_factory=list)
    counts: Counter[Code] = field(default_factory=Counter)

    def note(self, code: Code, index: int | None = None, **facts: str | int) -> None:
        """Add a finding."""
        self.add(Finding(code, index, facts))

    def add(self, finding: Finding) -> None:
        """Add a finding that was made."""
        self.counts[finding.code] += 1
        if self.counts[finding.code] <= MAX_KEPT:
            self.kept.append(finding)

    def add_all(self, others: "Findings") -> None:
        """Add what was found elsewhere."""
        before = Counter(self.counts)
        for finding in others.kept:
            self.add(finding)
        self.counts = before + others.counts
