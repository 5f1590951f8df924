"""The whole road, from outside: the demo as a newcomer runs it, then everything it left, with other people's tools.

One run of ``certreg demo`` serves all tests. What it wrote is read with QR and PDF readers that are not ours,
verified by ``certverify`` in processes of its own, and searched, byte by byte, for what must not be there.
"""

import base64
import json
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pypdf
import pyrage
import pytest
import zxingcpp
from PIL import Image

from keys.distribution.roles import TIMESTAMP_NAME
from keys.distribution.spare import is_distributed
from registry.operator.demo_candidates import DemoBody, DemoRow, mended
from registry.operator.demo_cast import clear_stage
from signing import cbor
from signing.cose import Envelope
from signing.id_check import IdType
from signing.link import token_from_text
from signing.log.tile import Tile
from signing.statement import Statement
from tests.registry.operator.serving import Served, get, served

BIN = Path(sys.executable).parent
PREFIX = "https://dte.example/v#"
FILES = {
    "certificate.json",
    "certificate.pdf",
    "certificate.tlog-proof",
    "qr.png",
    "qr.svg",
    "token.cbor",
}
REVOKED, SUPERSEDED = "无效：已撤销（revoked）", "无效：已被新版本取代（superseded）"


@dataclass(frozen=True)
class Road:
    """What the demo left: its folder, what it said, and the statement of each certificate by number."""

    folder: Path
    said: str
    statements: dict[str, Statement]

    @property
    def certificates(self) -> Path:
        return self.folder / "certificates"

    def of(self, name: str) -> str:
        """Return the number of the certificate that says this name."""
        return next(number for number, statement in self.statements.items() if statement.holder_name == name)

    def number_in(self, pattern: str) -> str:
        found = re.search(pattern, self.said)
        assert found, pattern
        return found[1]

    @property
    def revoked(self) -> str:
        return self.number_in(rf"(S\d{{21}})：有效（valid）  →  {REVOKED}")

    @property
    def corrected(self) -> str:
        return self.number_in(rf"(S\d{{21}}) 第 1 版（张䶮）：{SUPERSEDED}")

    def certverify(
        self, asked: object, *more: object, root: Path | None = None
    ) -> tuple[int, dict[str, str]]:
        """Run the offline verifier as a process; return its exit code and its answer."""
        command = [BIN / "certverify", asked, "--public", self.folder / "public"]
        command += ["--root", root or self.folder / "trusted-root.json", "--json", *more]
        done = subprocess.run(
            list(map(str, command)),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=clean_environ(),
        )
        assert "Traceback" not in done.stderr
        return done.returncode, json.loads(done.stdout) if done.stdout else {}


def clean_environ() -> dict[str, str]:
    """Return this process's environment without our settings, and without a network proxy."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CERTREG_")}


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Road:
    """The demo, run where an earlier one stood."""
    folder = tmp_path_factory.mktemp("road") / "demo"
    clear_stage(folder)
    (folder / "certificates" / "S000000000000000000000").mkdir(parents=True)
    (folder / "register.sqlite3").write_text("of an earlier demo")
    done = subprocess.run(
        [BIN / "certreg", "demo", "--no-serve", "--folder", folder],
        capture_output=True, text=True, timeout=300, check=False, env=clean_environ(),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    statements = {}
    for token in sorted((folder / "certificates").glob("*/token.cbor")):
        payload = Envelope.from_bytes(token.read_bytes()).payload
        statements[token.parent.name] = Statement.from_bytes(payload or b"")
    return Road(folder, done.stdout, statements)


def people() -> list[DemoRow]:
    return [row for body in DemoBody for row in mended(body)]


# What was said and written


def test_the_account_tells_the_whole_story(road):
    for told in (
        "只交改正的 2 行，再次检查：0 处错误",
        "参加 120，合格 117，不合格 3",
        "参加 80，合格 78，不合格 2",
        "已编号 195，已签名 195，已发布 195",
        "5 人不合格，没有编号，也没有证书",
        "✔ 有效",
        REVOKED,
        SUPERSEDED,
    ):
        assert told in road.said
    assert "\x1b" not in road.said


def test_each_of_195_certificates_has_its_files(road):
    folders = list(road.certificates.iterdir())

    assert len(folders) == 195
    for folder in folders:
        more = {"token-v1.cbor"} if folder.name == road.corrected else set()
        assert {path.name for path in folder.iterdir()} == FILES | more
        assert all(path.stat().st_size for path in folder.iterdir())


def test_everybody_who_passed_has_a_certificate_and_nobody_else(road):
    passed = sorted(row.name for row in people() if float(row.theory) >= 60 and float(row.practice) >= 60)
    certified = [statement.holder_name for statement in road.statements.values()]

    assert sorted(certified) == sorted(name if name != "张䶮" else "张䶮𬭸" for name in passed)


def test_tokens_are_as_small_as_promised(road):
    for number, statement in road.statements.items():
        size = (road.certificates / number / "token.cbor").stat().st_size
        assert size <= 255
        if len(statement.holder_name) <= 3:
            assert size <= 128


def test_numbers_are_one_to_n_in_every_series(road):
    series = defaultdict(list)
    for number in road.statements:
        series[number[:-6]].append(int(number[-6:]))

    assert len(series) == 6
    for serials in series.values():
        assert sorted(serials) == list(range(1, len(serials) + 1))


def test_entries_are_dense(road):
    old = Envelope.from_bytes((road.certificates / road.corrected / "token-v1.cbor").read_bytes()).payload
    entries = [statement.entry for statement in road.statements.values()]

    assert sorted([*entries, Statement.from_bytes(old or b"").entry]) == list(range(1, 197))


def test_every_qr_is_read_by_another_reader_and_holds_the_token(road):
    for number in road.statements:
        folder = road.certificates / number
        with Image.open(folder / "qr.png") as picture:
            (found,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
        assert found.text.startswith(PREFIX)
        assert token_from_text(found.text) == (folder / "token.cbor").read_bytes()


def test_the_pdf_says_number_and_name_to_another_reader(road):
    rare = [road.of(name) for name in ("张䶮𬭸", "李𬭸", "陈䶮𬭸", "阿布都热西提江·麦麦提依明·艾合买提江")]

    for number in {*list(road.statements)[::20], *rare}:
        pages = pypdf.PdfReader(road.certificates / number / "certificate.pdf").pages
        text = "".join("".join(page.extract_text() for page in pages).split())
        assert number in text
        assert "".join(road.statements[number].holder_name.split()) in text
        assert "演示环境" in text


# What others verify


def test_every_form_of_a_valid_certificate_is_valid(road):
    number = road.of("李𬭸")
    folder = road.certificates / number
    with Image.open(folder / "qr.png") as picture:
        (found,) = zxingcpp.read_barcodes(picture)

    for asked in (folder / "token.cbor", folder / "certificate.pdf", folder / "qr.png", found.text):
        code, answer = road.certverify(asked)
        assert (code, answer["verdict"]) == (0, "valid"), asked
        assert answer["certificate"]["number"] == number
        assert answer["certificate"]["holder_name"] == "李𬭸"


def test_a_revoked_certificate_is_revoked_in_every_form(road):
    folder = road.certificates / road.revoked

    for name in ("token.cbor", "certificate.pdf", "qr.png"):
        code, answer = road.certverify(folder / name)
        assert (code, answer["verdict"], answer["reason"]) == (1, "revoked", "revoked")


def test_of_a_corrected_certificate_the_new_version_is_valid_alone(road):
    folder = road.certificates / road.corrected

    assert road.certverify(folder / "token-v1.cbor") == (1, any_with(verdict="superseded"))
    assert road.certverify(folder / "token.cbor") == (0, any_with(verdict="valid"))


class any_with(dict[str, str]):  # noqa: N801
    """Equal to any mapping that has these items among others."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, dict) and self.items() <= other.items()

    __hash__ = None


def test_a_tampered_token_is_not_genuine_and_shows_nothing(road, tmp_path):
    token = bytearray((road.certificates / road.of("李𬭸") / "token.cbor").read_bytes())
    token[len(token) // 2] ^= 1
    (tmp_path / "tampered.cbor").write_bytes(token)

    code, answer = road.certverify(tmp_path / "tampered.cbor")

    assert (code, answer["verdict"]) == (1, "not_genuine")
    assert answer["certificate"] is None


def test_under_another_root_nothing_can_be_told(road, tmp_path):
    root = json.loads((road.folder / "trusted-root.json").read_text())
    del root["mldsa44"]
    foreign = tmp_path / "foreign.json"
    foreign.write_text(json.dumps({**root, "keys": [
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    ]}))  # fmt: skip
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(json.dumps({**root, "environment": "production"}))
    token = road.certificates / road.of("李𬭸") / "token.cbor"

    assert road.certverify(token, root=foreign) == (2, any_with(reason="no_trust_bundle"))
    assert road.certverify(token, root=elsewhere) == (2, any_with(verdict="cannot_tell"))


def test_the_holders_id_number_fits_and_no_other(road):
    row = next(row for row in people() if row.name == "李𬭸")
    token = road.certificates / road.of("李𬭸") / "token.cbor"

    asked = ("--id-type", row.id_type, "--id-number")

    assert road.certverify(token, *asked, row.id_number) == (0, any_with(holder="match"))
    assert road.certverify(token, *asked, "11010119900307889X") == (1, any_with(holder="no_match"))


@pytest.mark.parametrize(
    "arguments",
    [[], ["no such file"], ["x", "--id-number", "1"], ["--no-such-option"], ["x", "--now", "noon"]],
)
def test_wrong_use_is_64(arguments):
    done = subprocess.run(
        [BIN / "certverify", *arguments], capture_output=True, text=True, check=False, env=clean_environ()
    )

    assert done.returncode == 64
    assert "Traceback" not in done.stderr


# What must not be there


def everything(road: Road) -> Iterator[tuple[Path, bytes]]:
    """Return every file that the demo left, with its bytes, and what it said."""
    for path in sorted(road.folder.rglob("*")):
        if path.is_file():
            yield path, path.read_bytes()
    yield Path("what was said"), road.said.encode()


def test_no_id_number_is_anywhere_but_in_workbooks_and_certificates(road):
    numbers = {row.id_number for row in people()}
    any_number = re.compile("|".join(map(re.escape, sorted(numbers))).encode(), re.IGNORECASE)

    for path, content in everything(road):
        if path.suffix not in (".xlsx", ".pdf"):
            found = any_number.search(content)
            assert found is None, path


def spellings(secret: bytes) -> list[bytes]:
    """Return the ways in which a secret could lie about."""
    encoded = (secret.hex(), secret.hex().upper(), base64.b64encode(secret).decode().rstrip("="))
    return [secret, *(text.encode() for text in encoded)]


def seeds(road: Road) -> list[tuple[Path, bytes]]:
    """Return every seed in every sealed key file; the log and its witness have two in one."""
    lines = (road.folder / "secrets" / "identity.txt").read_text().splitlines()
    identity = pyrage.x25519.Identity.from_str(next(line for line in lines if line.startswith("AGE-SECRET")))
    found = []
    for path in road.folder.rglob("*.age"):
        opened = cbor.decode(pyrage.decrypt(path.read_bytes(), [identity]))
        assert isinstance(opened, list)
        found += [(path, seed) for seed in opened if isinstance(seed, bytes)]
    return found


def test_no_private_key_is_anywhere_but_sealed(road):
    found = seeds(road)
    names = [path.name for path, _ in found]

    assert len([name for name in names if name.startswith("root-")]) == 3 + 3
    assert any(name.startswith("certificate-") for name in names)
    assert len([name for name in names if name.startswith("custodian-")]) == 2
    assert any(name.startswith("status-") for name in names)
    assert any(name.startswith("publication-") for name in names)
    assert len([name for name in names if name == "log.age"]) == 2
    assert len(names) == 3 + 3 + 2 + 3 + 6 + 2 + 2
    searched = [(path, spelling) for path, seed in found for spelling in spellings(seed)]
    for path, content in everything(road):
        assert not any(spelling in content for _, spelling in searched), path


def test_the_secrets_are_nowhere_but_in_their_files(road):
    secrets = road.folder / "secrets"
    kept = {
        path: [path.read_bytes().strip(), *spellings(bytes.fromhex(path.read_text().strip()))]
        for path in secrets.glob("*.key")
    }
    identity = secrets / "identity.txt"
    kept[identity] = [identity.read_bytes().splitlines()[-1]]

    assert len(kept) == 3
    for path, content in everything(road):
        for home, spelled in kept.items():
            if path != home:
                assert not any(spelling in content for spelling in spelled), path


def test_what_is_secret_is_its_owners_alone(road):
    private = [*(road.folder / "secrets").iterdir(), *road.folder.rglob("*.age")]

    for path in private:
        assert path.stat().st_mode & 0o077 == 0, path
        assert path.parent.stat().st_mode & 0o077 == 0, path.parent


def test_the_public_tree_holds_public_files_alone(road):
    public = road.folder / "public"

    files = {str(path.relative_to(public)) for path in public.rglob("*") if path.is_file()}

    plain = {"trust/keys.cbor", "trust/names.cbor", "status/status.cbor", TIMESTAMP_NAME, "log/checkpoint"}
    tiles = {name for name in files if name.startswith("log/tile/")}
    assert {name for name in files if not is_distributed(name)} - tiles == plain
    assert all(Tile.parse(name.removeprefix("log/")) for name in tiles)
    for name in files:
        content = (public / name).read_bytes()
        assert not any(row.name.encode() in content for row in people()), name


# What is served


@pytest.fixture(scope="module")
def sites(road: Road) -> Iterator[Served]:
    folder = road.folder
    environ = {
        "CERTREG_DATABASE_URL": f"sqlite:///{folder}/register.sqlite3",
        "CERTREG_PUBLIC_DIR": str(folder / "public"),
        "CERTREG_KEYS_DIR": str(folder / "keys"),
        "CERTREG_WITNESS_DIR": str(folder / "witness"),
        "CERTREG_KEY_IDENTITY_FILE": str(folder / "secrets" / "identity.txt"),
        "CERTREG_DATA_KEY_FILE": str(folder / "secrets" / "data.key"),
        "CERTREG_LOOKUP_KEY_FILE": str(folder / "secrets" / "lookup.key"),
        "CERTREG_ROOT_FILE": str(folder / "trusted-root.json"),
        "CERTREG_ENVIRONMENT": "demo",
    }
    with served(environ) as sites:
        yield sites


def look_up(sites: Served, **form: str) -> str:
    data = urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(sites.public + "/", data, {"Accept-Language": "zh"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        text: str = answer.read().decode()
    return text


def test_both_sites_open(sites):
    for address in (
        sites.staff + "/",
        sites.staff + "/submissions",
        sites.staff + "/v1/docs/",
        sites.public + "/",
    ):
        assert get(address)[0] == 200, address
    overview = get(sites.staff + "/")[1]
    assert "194" in overview
    assert "登记员（虚构）" in overview


def test_a_certificate_is_found_by_number_and_name_or_by_id_and_name(sites, road):
    number = road.of("李𬭸")
    row = next(row for row in people() if row.name == "李𬭸")

    by_number = look_up(sites, number=number, name="李𬭸")
    by_id = look_up(sites, by="id", id_type=row.id_type, id_number=row.id_number, name="李𬭸")

    for text in (by_number, by_id):
        assert number in text
        assert "区块链工程技术人员" in text or "大数据工程技术人员" in text or "物联网工程技术人员" in text
    assert row.id_number not in by_number + by_id


def test_a_revoked_certificate_is_shown_as_revoked(sites, road):
    name = road.statements[road.revoked].holder_name

    assert "撤销" in look_up(sites, number=road.revoked, name=name)


def test_every_miss_is_the_same(sites, road):
    number = road.of("李𬭸")
    failed = next(row for row in people() if float(row.theory) < 60 or float(row.practice) < 60)

    misses = {
        re.sub(r"\d{2}:\d{2}", "", text)
        for text in (
            look_up(sites, number=number, name="李四"),
            look_up(sites, number="S000221000002269999999", name="李𬭸"),
            look_up(
                sites, by="id", id_type=IdType(failed.id_type), id_number=failed.id_number, name=failed.name
            ),
        )
    }

    assert len(misses) == 1
    assert number not in misses.pop()


def test_the_page_that_a_qr_opens_is_there_with_its_files(sites, road):
    status, page = get(sites.public + "/v")

    assert status == 200
    assert "<script" in page
    for name in ("trust/keys.cbor", "trust/names.cbor", "status/status.cbor"):
        with urllib.request.urlopen(f"{sites.public}/public/{name}", timeout=20) as answer:
            assert answer.read() == (road.folder / "public" / name).read_bytes()
            assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_the_public_site_shows_nothing_of_the_staff_side(sites):
    for address in (
        "/submissions",
        "/v1/submissions",
        "/v1/openapi.json",
        "/series",
        "/console-static/console.css",
    ):
        assert get(sites.public + address)[0] == 404, address
