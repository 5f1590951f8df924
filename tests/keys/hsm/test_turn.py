"""Several processes that open one token at the same time, as the processes of a pool do."""

import os
import subprocess
import sys

from keys.hsm.place import HsmPlace
from keys.hsm.turn import turn_at

OPENS_AND_CLOSES = """
import sys
from pathlib import Path
from keys.key_file import KeyKind
from keys.sealing import Identity
from keys.store_place import hsm_store_at, read_place

store, identity = hsm_store_at(read_place(sys.argv[1])), Identity.open(Path(sys.argv[2]))
for _ in range(25):
    store.signer(KeyKind.CERTIFICATE, bytes.fromhex(sys.argv[3]), identity).sign(b"to be signed")
    store.close()
print("all done")
"""


def test_processes_that_open_a_token_at_the_same_time_all_find_it(place, key, tmp_path):
    arguments = [str(place), str(tmp_path / "identity" / "identity.txt"), key.key_id.hex()]
    command = [sys.executable, "-c", OPENS_AND_CLOSES, *arguments]
    opening = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(3)
    ]

    assert [process.communicate(timeout=120)[0] for process in opening] == ["all done\n"] * 3


def test_without_the_folder_of_the_pin_nobody_waits(tmp_path, place):
    with turn_at(HsmPlace(place.module, place.token, tmp_path / "nowhere" / "pin")):
        assert not os.path.exists(tmp_path / "nowhere")
