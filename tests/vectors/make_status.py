"""Write ``status.json``: sets of entries, deltas of the status file, freshness. ``--check`` compares."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.vectors import deltas, entry_sets, freshness

FILE = Path(__file__).with_name("status.json")


def sets() -> Iterator[dict[str, Any]]:
    """Yield entry sets with their coding."""
    for name, (entries, count, bits) in entry_sets.LAWFUL.items():
        yield {"name": name, "entries": entries, "count": count, "gaps": entry_sets.packed(bits).hex()}
    for name, (count, bits) in entry_sets.REFUSED.items():
        yield {"name": name, "entries": None, "count": count, "gaps": entry_sets.packed(bits).hex()}


def applications() -> Iterator[dict[str, Any]]:
    """Yield statuses that are held, deltas, and what comes out."""
    for name, held, delta, result in deltas.lawful():
        yield {"name": name, "held": held.to_payload().hex(), "delta": delta.hex(), "result": result.hex()}
    for name, held, delta in deltas.refused():
        yield {"name": name, "held": held.to_payload().hex(), "delta": delta.hex(), "result": None}


def names() -> Iterator[dict[str, Any]]:
    """Yield when the status that is held was made, now, and the name to ask for."""
    for held_since, now, name in deltas.NAMES:
        yield {"made_at": f"{held_since:%FT%TZ}", "now": f"{now:%FT%TZ}", "name": name}


def document() -> str:
    """Return the text of ``status.json``."""
    content = {
        "format": "certreg-status-vectors/1",
        "entry_sets": list(sets()),
        "deltas": list(applications()),
        "delta_names": list(names()),
        "freshness": list(freshness.cases()),
    }
    return json.dumps(content, ensure_ascii=True, indent=1) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(FILE.read_text() != document())
    FILE.write_text(document())
