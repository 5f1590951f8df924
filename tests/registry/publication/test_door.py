"""Opening the door of the public side: one key, no more, and no way to write."""

import sys
from subprocess import run

import pytest

from registry.database.errors import RegisterMissing
from registry.personal_data import SecretFileUnusable, create_secret
from registry.publication.door import open_lookup
from tests.instants import NOON


def test_the_door_opens_with_the_key_of_the_look_up_alone(world, engine, tmp_path):
    create_secret(tmp_path / "lookup.key")
    url = engine.url.render_as_string(hide_password=False)

    lookup = open_lookup(url, tmp_path / "lookup.key", trust=lambda: world.trust, now=lambda: NOON)

    (number,) = world.issued(world.row(1, name="张三"))
    assert lookup.by_number(number, "张三").number == number
    assert lookup.as_of() == NOON
    lookup._sessions._readers.dispose()


def test_a_register_or_key_that_is_missing_opens_nothing(world, engine, tmp_path):
    create_secret(tmp_path / "lookup.key")

    with pytest.raises(RegisterMissing):
        open_lookup(
            f"sqlite:///{tmp_path}/none.sqlite3",
            tmp_path / "lookup.key",
            trust=lambda: world.trust,
            now=lambda: NOON,
        )
    with pytest.raises(SecretFileUnusable):
        open_lookup(
            engine.url.render_as_string(hide_password=False),
            tmp_path / "no.key",
            trust=lambda: world.trust,
            now=lambda: NOON,
        )


def test_the_public_side_loads_nothing_of_the_keys():
    code = (
        "import registry.publication.door, sys; print([name for name in sys.modules if name[:4] == 'keys'])"
    )

    assert run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
