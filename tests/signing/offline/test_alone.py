"""``certverify`` needs ``signing/`` and Python, and nothing else."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from signing.link import qr_text
from tests.signing.offline.conftest import NOW
from tests.vectors import world

PROJECT = Path(__file__).parents[3]
TOKEN = world.token(world.statement())

ALONE = """
import sys
for name in ("cryptography", "PIL", "zxingcpp", "socket", "ssl", "http", "urllib.request", "registry"):
    sys.modules[name] = None
sys.path.insert(0, sys.argv.pop(1))
from signing.offline.command import main
code = main()
loaded = {name.partition(".")[0] for name in sys.modules if sys.modules[name]}
foreign = loaded - {"signing", "__main__"} - set(sys.stdlib_module_names)
print("FOREIGN", sorted(name for name in foreign if not name.startswith("_")), file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture
def signing_alone(tmp_path: Path) -> Path:
    """A folder that holds a copy of ``signing/`` and nothing else."""
    folder = tmp_path / "alone"
    shutil.copytree(PROJECT / "signing", folder / "signing", ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def run(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", "-c", ALONE, str(folder), *map(str, arguments)]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", ["link", "file", "pdf"])
def test_it_verifies_without_any_library_and_without_a_network(
    signing_alone, root_file, public, token_file, kind
):
    pdf = (
        b"%PDF-1.7\n1 0 obj\n<</Length "
        + str(len(TOKEN)).encode()
        + b">>\nstream\n"
        + TOKEN
        + b"\nendstream\nendobj\n"
    )
    given = {
        "link": qr_text("https://dte.example/v#", TOKEN),
        "file": token_file(TOKEN),
        "pdf": token_file(pdf, "certificate.pdf"),
    }[kind]

    done = run(signing_alone, given, "--root", root_file, "--public", public, "--now", NOW, "--json")

    assert (done.returncode, done.stderr) == (0, "FOREIGN []\n")
    assert json.loads(done.stdout)["certificate"]["holder_name"] == "张小明"


def test_it_says_what_is_missing_for_a_picture(signing_alone, token_file):
    done = run(signing_alone, token_file(b"\x89PNG\r\n\x1a\n", "qr.png"), "--language", "en")

    assert done.returncode == 64
    assert "pillow and zxing-cpp" in done.stderr
