import subprocess
import sys

from tests.rigs.process_memory import found_in_memory

HOLDS = "import hashlib; held = hashlib.sha256(b'%d' % 17).digest(); print('ready', flush=True); input()"


def test_what_a_process_holds_is_found_and_nothing_else():
    from hashlib import sha256

    held, other = sha256(b"17").digest(), sha256(b"18").digest()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"

        found = found_in_memory(process.pid, [held, other])

        process.communicate(b"\n")
    assert found == {held}
