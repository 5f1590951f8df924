"""Both clients of a distribution, asked the same: ``certverify update`` and the page's own.

What they are asked is a pinned root and visits (``cases``), from whatever publisher: ``visit_of`` takes a public
tree as it lies on a disk.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from signing.offline.kept import Kept
from signing.offline.source import FolderSource
from signing.offline.update_command import updated
from signing.root import Root
from tests.distribution.cases import Case, Visit
from tests.distribution.repository import write
from tests.verify_web.node import run_in_node


@dataclass(frozen=True)
class Outcome:
    """What came of a visit: ``reason`` and ``about`` are ``None`` where nothing was refused."""

    reason: str | None
    about: str | None
    status: int | None
    """The version of the status that can be used after it."""


def visit_of(public: Path, reason: str = "updated", about: str | None = None) -> Visit:
    """Return a visit to a public tree as it lies there now."""
    files = {
        path.relative_to(public).as_posix(): path.read_bytes() for path in public.rglob("*") if path.is_file()
    }
    return Visit(files, reason, about)


def outcomes_of_update(pin: Root, visits: Sequence[Visit], folder: Path, *, now: datetime) -> list[Outcome]:
    """Let ``certverify update`` make the visits, one after the other, with one memory, in an empty folder."""
    outcomes, kept = [], Kept(folder / "kept")
    for number, visit in enumerate(visits):
        host = folder / f"host-{number}"
        host.mkdir(parents=True)
        told = updated(FolderSource(write(host, visit.files)), pin, kept, now=now + visit.later)
        reason, about = (told.refused.reason.value, told.refused.about) if told.refused else (None, None)
        outcomes.append(Outcome(reason, about, told.after.status if told.after else None))
    return outcomes


def outcomes_of_page(cases: Sequence[Case], *, now: datetime, webcrypto: bool = True) -> list[list[Outcome]]:
    """Let the page's client make the visits of many cases; ``status`` is ``None`` where it was refused."""
    told = run_in_node("distribution", [_question(case, now) for case in cases], webcrypto=webcrypto)
    return [
        [Outcome(one.get("reason"), one.get("about"), one.get("status")) for one in visits] for visits in told
    ]


def _question(case: Case, now: datetime) -> dict[str, Any]:
    return {
        "pin": json.loads(case.pin.to_json()),
        "visits": [
            {
                "files": {name: content.hex() for name, content in visit.files.items()},
                "now": (now + visit.later).timestamp(),
            }
            for visit in case.visits
        ],
    }
