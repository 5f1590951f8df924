import subprocess
import sys
from pathlib import Path

import pytest

from keys.hsm.place import HsmPlace, environment_for_modules
from keys.store import KeyStore
from keys.store_place import read_place, store_at


@pytest.mark.parametrize("label", ["certreg", "an HSM; its 2nd/3rd token?", "令牌", "100%25=a&b#c"])
def test_a_place_is_read_back_from_its_uri(label):
    place = HsmPlace(Path("/usr/lib/a module&b.so"), label, Path("/etc/the secrets/pin#1?"))

    assert HsmPlace.from_uri(str(place)) == place
    assert read_place(str(place)) == place


def test_the_uri_is_that_of_rfc_7512():
    place = HsmPlace(Path("/usr/lib/softhsm/libsofthsm2.so"), "my token", Path("/var/pin"))

    assert place.uri == "pkcs11:token=my%20token"
    assert place.key_uri("status-1a2b3c4d") == "pkcs11:token=my%20token;object=status-1a2b3c4d"
    assert str(place) == (
        "pkcs11:token=my%20token?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/var/pin"
    )


def test_relative_paths_mean_the_same_in_another_folder():
    read = HsmPlace.from_uri(str(HsmPlace(Path("module.so"), "t", Path("var/pin"))))

    assert read.module == Path("module.so").absolute()
    assert read.pin_file == Path("var/pin").absolute()


@pytest.mark.parametrize(
    "uri",
    [
        "pkcs11:",
        "pkcs11:token=t",
        "pkcs11:token=t?module-path=/m",
        "pkcs11:token=t?pin-source=file:/p",
        "pkcs11:object=t?module-path=/m&pin-source=file:/p",
        "pkcs11:token=t?module-path=/m&module-path=/n&pin-source=file:/p",
        "pkcs11:token=t?module-path=/m&pin-source=file:/p&pin-value=1234",
        "pkcs11:token=t;object=o?module-path=/m&pin-source=file:/p",
    ],
)
def test_other_uris_are_refused(uri):
    with pytest.raises(ValueError, match="not the URI of a token"):
        read_place(uri)


def test_a_folder_is_a_store_of_files(tmp_path):
    assert isinstance(store_at(read_place(str(tmp_path))), KeyStore)


def test_a_module_gets_the_environment_without_our_settings_and_the_databases():
    environ = {"SOFTHSM2_CONF": "c", "PATH": "p", "CERTREG_DATABASE_URL": "d", "PGPASSWORD": "s"}

    assert environment_for_modules(environ) == {"SOFTHSM2_CONF": "c", "PATH": "p"}


WITHOUT_THE_LIBRARY = """
import sys
sys.modules["pkcs11"] = None
import registry.operator.command
from keys.errors import HsmModuleMissing
from keys.hsm.place import HsmPlace
from keys.store_place import store_at
from pathlib import Path
store_at(Path("folder"))
try:
    store_at(HsmPlace(Path("module.so"), "t", Path("pin")))
except HsmModuleMissing as refused:
    print(refused)
"""


def test_only_a_token_needs_the_library():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_THE_LIBRARY], capture_output=True, text=True, check=True, timeout=60
    )

    assert (
        done.stdout
        == "pkcs11:token=t: python-pkcs11 is not installed; it is the extra hsm: pip install '.[hsm]'\n"
    )
