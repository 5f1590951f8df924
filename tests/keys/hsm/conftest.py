"""A token of SoftHSM for each test, with the PIN in clear beside it, and a store over it."""

from pathlib import Path

import pytest

from keys.hsm.place import HsmPlace
from keys.hsm.store import HsmStore
from keys.key_file import KeyKind
from tests.instants import NOON
from tests.rigs.soft_token import MODULE, PIN, SoftToken


@pytest.fixture
def token(tmp_path, monkeypatch):
    token = SoftToken.create(tmp_path / "softhsm")
    monkeypatch.setenv("SOFTHSM2_CONF", str(token.configuration))
    return token


@pytest.fixture
def pin_file(tmp_path) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    file = folder / "pin"
    file.write_text(PIN + "\n")
    file.chmod(0o600)
    return file


@pytest.fixture
def place(token, pin_file):
    return HsmPlace(MODULE, token.label, pin_file)


@pytest.fixture
def hsm(place):
    store = HsmStore(place)
    yield store
    store.close()


@pytest.fixture
def key(hsm, seal):
    return hsm.create(KeyKind.CERTIFICATE, seal, now=NOON)


@pytest.fixture
def pkcs11_session(token, key, hsm):
    """The test's own way into the token, with a session that may change it; ours is closed by then."""
    import pkcs11

    hsm.close()
    library = pkcs11.lib(str(MODULE))
    library.reinitialize()
    session = library.get_token(token_label=token.label).open(rw=True, user_pin=PIN)
    yield session
    library.reinitialize()
