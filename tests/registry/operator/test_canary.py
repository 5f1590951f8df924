"""Where the private keys of a register in use are, byte by byte: in their sealed files, and in no web process."""

import signal
import urllib.parse
import urllib.request
import zlib
from hashlib import sha512
from pathlib import Path

import pytest

from keys.sealing import Identity
from signing import cbor
from tests.keys.secrets_shown import shows
from tests.registry.assessment.submissions import row
from tests.registry.operator.office import Office
from tests.registry.operator.serving import Served, descendants, get, served
from tests.rigs.process_memory import found_in_memory

SOMEBODY = row(1)


def identity_of(office: Office) -> Identity:
    return Identity.open(office.folder / "secrets" / "identity.txt")


def seeds_of(office: Office) -> dict[str, bytes]:
    """Return every seed in the sealed key files of the register, its root keys, its people, its log and witness."""
    found = {}
    for folder in ("keys", "media", "holders", "witness"):
        for path in (office.folder / folder).rglob("*.age"):
            _, kind, *rest = cbor.decode(identity_of(office).unseal(path.read_bytes(), path=path))
            # The log and its witness have two keys in one file.
            for place, seed in enumerate(part for part in rest if isinstance(part, bytes)):
                found[f"{kind} {path.name} {place}"] = seed
    return found


def backed_up(office: Office) -> list[bytes]:
    """Return what is in the sealed parts of the backup, unpacked."""
    sealed = (office.folder / "backups").rglob("*.age")
    opened = [identity_of(office).unseal(path.read_bytes(), path=path) for path in sealed]
    return [zlib.decompress(plain) for plain in opened]


def signing_secrets(seed: bytes) -> list[bytes]:
    """Return the forms in which a process could hold a seed: as it is, or expanded for signing (RFC 8032 5.1.5)."""
    expanded = sha512(seed).digest()
    scalar = bytearray(expanded[:32])
    scalar[0] &= 248
    scalar[31] = scalar[31] & 127 | 64
    return [seed, seed.hex().encode(), expanded[:32], bytes(scalar), expanded[32:]]


@pytest.fixture
def in_use(office):
    """An office with a certificate, its documents and a backup."""
    office.approved(SOMEBODY)
    office.done("issue")
    office.done("documents", "--out", office.folder / "certificates")
    office.done("backup", office.folder / "backups")
    return office


def used(sites: Served, office: Office) -> None:
    """Use both sites as people do, often enough for every worker to have had a turn."""
    (number,) = [path.name for path in (office.folder / "certificates").iterdir()]
    form = urllib.parse.urlencode({"number": number, "name": SOMEBODY["name"]}).encode()
    for _ in range(8):
        for address in (sites.public + "/v", sites.staff + "/", sites.staff + "/submissions"):
            assert get(address)[0] == 200, address
        with urllib.request.urlopen(sites.public + "/", form, timeout=20) as answer:
            assert number in answer.read().decode()


def test_no_private_key_is_in_a_web_process_the_database_a_log_or_a_backup(in_use):
    seeds = seeds_of(in_use)
    kinds = sorted(name.partition(" ")[0] for name in seeds)
    online = ["certificate", "publication", "status", *["log"] * 2, *["witness"] * 2]
    offline = [*["custodian"] * 2, *["root"] * 3, *["root-mldsa44"] * 3]
    assert kinds == sorted([*online, *offline, *["holder"] * 5])
    secrets = [form for seed in seeds.values() for form in signing_secrets(seed)]
    identity = (in_use.folder / "secrets" / "identity.txt").read_text().splitlines()[-1].encode()
    look_up = bytes.fromhex((in_use.folder / "secrets" / "lookup.key").read_text().strip())
    data_key = bytes.fromhex((in_use.folder / "secrets" / "data.key").read_text().strip())

    with served(in_use.environ) as sites:
        used(sites, in_use)
        public = str(sites.ports[1]).encode()
        pids = descendants(sites.process.pid)
        processes = {pid: public in Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids}
        found = {pid: found_in_memory(pid, [*secrets, identity, look_up, data_key]) for pid in processes}
        sites.process.send_signal(signal.SIGTERM)
        logged = sites.process.communicate(timeout=60)[0].encode()

    # The look-up's key shows that the search finds what the processes do hold.
    assert any(look_up in found[pid] for pid, is_public in processes.items() if is_public)
    for pid, is_public in processes.items():
        assert found[pid] <= ({look_up} if is_public else {look_up, data_key}), is_public
    files = [path for path in in_use.folder.rglob("*") if path.is_file()]
    assert {"register.sqlite3", "journal", "status.cbor"} <= {path.name for path in files}
    unpacked = backed_up(in_use)
    assert any(b"S0002" in content for content in unpacked)
    for seed in seeds.values():
        assert not any(shows(path.read_bytes(), seed) for path in files)
        assert not any(shows(content, seed) for content in [logged, *unpacked])
