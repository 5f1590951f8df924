"""What all kinds of file share stands in one place: a limit that is raised in one reader only would be two limits."""

import re
from pathlib import Path

import pytest

from registry.assessment.levels import LEVEL_CODES, LEVEL_NAMES, LEVEL_OF_CODE
from registry.assessment.workbook_form import LEVEL_LABELS
from registry.documents.terms import LEVELS
from signing.statement import Level

REGISTRY = Path(__file__).parents[3] / "registry"

HOMES = {
    "the codes of levels": (r'Level\.JUNIOR: "junior"|"junior": Level\.JUNIOR', "assessment/levels.py"),
    "the names of levels": (r'Level\.JUNIOR: "初级"|"初级": ', "assessment/levels.py"),
    "the largest file": (r"\b16 \* 1024 \* 1024\b|\b16 << 20\b", "assessment/content.py"),
    "the longest text": (r"MAX_TEXT_CHARACTERS = 1000\b", "assessment/content.py"),
    "the longest reason": (
        r"\bMOST_CHARACTERS: Final = 200\b|\bMAX_REASON_CHARACTERS\b",
        "assessment/written_reason.py",
    ),
}
# Of cursors, which are no text of a body.
OTHER_THINGS = {"api/cursors.py"}


@pytest.mark.parametrize("what", HOMES)
def test_what_files_share_is_written_once(what):
    pattern, home = HOMES[what]
    # The body's client knows the register by its API alone, and has words of its own.
    sources = [path for path in REGISTRY.rglob("*.py") if not path.is_relative_to(REGISTRY / "client")]

    found = {
        str(path.relative_to(REGISTRY)) for path in sources if re.search(pattern, path.read_text("utf-8"))
    }

    assert found - OTHER_THINGS == {home}


def test_codes_and_names_stand_for_the_same_levels():
    assert list(LEVEL_CODES) == list(LEVEL_NAMES) == list(Level)
    assert [LEVEL_OF_CODE[LEVEL_LABELS[name]] for name in LEVELS.values()] == list(Level)
