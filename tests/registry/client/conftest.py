"""One founded register with a worker and a bureau that was let in, for all tests here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.registry.client.bureau import Bureau, Register, admitted, register_keys, running
from tests.registry.operator.office import Office


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A founded register."""
    office = Office(tmp_path_factory.mktemp("register"))
    office.found()
    return office


@pytest.fixture(scope="session")
def register(office: Office) -> Iterator[Register]:
    """The register as it runs, with a worker."""
    with running(office) as register:
        yield register


@pytest.fixture(scope="session")
def bureau(office: Office, register: Register, tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """The bureau with its keys registered."""
    folder: Path = tmp_path_factory.mktemp("bureau") / "body"
    bureau = admitted(office, Bureau(folder, register.url))
    register_keys(bureau)
    return bureau
