"""The tree at the top of each ``errors.py`` is the tree that the classes make."""

import importlib
import inspect
import re

import pytest

ROOMS = [
    "signing.errors",
    "signing.offline.errors",
    "keys.errors",
    "registry.client.errors",
    "verify_web.errors",
]
BRANCH = re.compile(r"^(?P<before>[ │]*[├└]── )(?P<name>\w+)", re.MULTILINE)


def drawn_in(text: str) -> dict[str, str]:
    """Return the parent of every drawn error by its name."""
    root = re.search(r"^ +(\w+)\n *[├└]──", text, re.MULTILINE)
    assert root is not None
    parents, line_of_descent = {}, [(0, root[1])]
    for branch in BRANCH.finditer(text):
        depth, name = len(branch["before"]), branch["name"]
        line_of_descent = [(at, above) for at, above in line_of_descent if at < depth]
        parents[name] = line_of_descent[-1][1]
        line_of_descent.append((depth, name))
    return parents


@pytest.mark.parametrize("room", ROOMS)
def test_every_error_is_drawn_under_its_parent(room):
    module = importlib.import_module(room)
    here = [item for item in vars(module).values() if inspect.isclass(item) and item.__module__ == room]
    errors = [item for item in here if issubclass(item, Exception)]
    made = {error.__name__: error.__base__.__name__ for error in errors if error.__base__ is not Exception}

    assert drawn_in(module.__doc__) == made
