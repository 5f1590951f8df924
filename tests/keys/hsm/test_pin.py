import pickle
import stat

import pytest

from keys.errors import KeyFileDamaged, KeyFileExposed, KeyUnavailable, WrongIdentity
from keys.hsm.pin import Pin, read_pin, write_pin
from keys.sealing import Identity
from tests.keys.secrets_shown import everything_said_by


def test_a_sealed_pin_is_read_back(tmp_path, seal):
    path = tmp_path / "pins" / "pin.age"

    write_pin(path, Pin("0000-秘密"), seal)

    assert read_pin(path, seal).reveal() == "0000-秘密"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert b"0000" not in path.read_bytes()


def test_a_new_pin_takes_the_place_of_the_old_one(tmp_path, seal):
    path = tmp_path / "pins" / "pin.age"

    write_pin(path, Pin("old"), seal)
    write_pin(path, Pin("new"), seal)

    assert read_pin(path, seal).reveal() == "new"


@pytest.mark.parametrize("content", ["8765-4321", "8765-4321\n", "8765-4321\r\n"])
def test_a_pin_in_clear_is_one_line(pin_file, seal, content):
    pin_file.write_text(content, newline="")

    assert read_pin(pin_file, seal).reveal() == "8765-4321"


NO_PIN = {
    "nothing": b"",
    "an empty line": b"\n",
    "two lines": b"s3cret\ns3cret\n",
    "bytes": b"s3cret\xff",
    "a control character": b"s3cret\x00",
    "too long": b"s3cret" * 50,
}


@pytest.mark.parametrize("content", NO_PIN.values(), ids=NO_PIN)
@pytest.mark.parametrize("sealed", [False, True])
def test_what_is_no_pin_is_refused_without_being_shown(pin_file, seal, content, sealed):
    pin_file.write_bytes(seal.seal(content) if sealed else content)

    with pytest.raises(KeyFileDamaged) as refusal:
        read_pin(pin_file, seal)

    assert b"s3cret" not in everything_said_by(refusal.value)


@pytest.mark.parametrize("digits", ["", "two\nlines", "x" * 256])
def test_what_is_no_pin_is_not_written(tmp_path, seal, digits):
    with pytest.raises(KeyFileDamaged, match="nothing was written"):
        write_pin(tmp_path / "pin", Pin(digits), seal)

    assert not (tmp_path / "pin").exists()


def test_a_file_that_others_can_read_is_refused(pin_file, seal):
    pin_file.chmod(0o640)

    with pytest.raises(KeyFileExposed):
        read_pin(pin_file, seal)


def test_a_folder_that_others_can_enter_is_refused(pin_file, seal):
    pin_file.parent.chmod(0o755)

    with pytest.raises(KeyFileExposed):
        read_pin(pin_file, seal)


def test_a_missing_file_is_refused(pin_file, seal):
    pin_file.unlink()

    with pytest.raises(KeyUnavailable, match="No such file"):
        read_pin(pin_file, seal)


def test_another_identity_opens_nothing(tmp_path, pin_file, seal):
    pin_file.write_bytes(Identity.create(tmp_path / "other" / "identity").seal(b"s3cret"))

    with pytest.raises(WrongIdentity):
        read_pin(pin_file, seal)


def test_a_pin_shows_nothing_of_itself():
    pin = Pin("s3cret")

    assert repr(pin) == "<Pin>"
    assert "s3cret" not in f"{pin}"
    with pytest.raises(TypeError):
        pickle.dumps(pin)
