"""A register that somebody besieges who may write into its database."""

import pytest

from tests.registry.certificate.siege import Siege
from tests.registry.world import World


@pytest.fixture
def siege(world: World) -> Siege:
    """The siege begins after the custodians signed the roster."""
    return Siege(world)
