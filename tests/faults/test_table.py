"""The table of faults names tests that are there, and leaves out none of this room."""

import ast
import re
from pathlib import Path

ROOM = Path(__file__).parent
ROOT = ROOM.parents[1]
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
# What tests the tools of this room, not the register.
TOOLS = {"test_judging.py", "test_table.py"}


def named():
    """Return the tests that the table names, as (module, function)."""
    return set(TEST.findall((ROOM / "README.md").read_text("utf-8")))


def functions_of(module):
    """Return the names of a module's tests."""
    nodes = ast.parse((ROOT / module).read_text("utf-8")).body
    names = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    return {name for name in names if name.startswith("test_")}


def rows():
    """Return the rows of all tables, each as its three cells; heads and rules left out."""
    lines = (ROOM / "README.md").read_text("utf-8").splitlines()
    cells = [line.strip("|").split("|") for line in lines if line.startswith("| ")]
    return [row for row in cells if row[0].strip() != "fault"]


def test_every_test_that_the_table_names_is_there():
    missing = {(module, name) for module, name in named() if name not in functions_of(module)}

    assert missing == set()


def test_every_test_of_this_room_is_in_the_table():
    modules = [path.relative_to(ROOT) for path in ROOM.glob("test_*.py") if path.name not in TOOLS]
    here = {(str(module), name) for module in modules for name in functions_of(module)}

    assert here - named() == set()


def test_every_row_of_the_table_has_an_outcome_and_a_test():
    assert len(rows()) > 30
    for fault, outcome, tests in rows():
        assert fault.strip()
        assert outcome.strip(), fault
        assert TEST.search(tests), fault
