"""One bit that is not as it was signed, in any tile or bundle, and nothing of the run is believed."""

import random
import shutil

import pytest

from tests.log_world import write_log
from tests.vectors.world import DAY, HOUR, NOW

SIZE, BEFORE = 66_200, 65_400
"""Three levels of tiles, none of them full at its end."""


@pytest.fixture(scope="module")
def leaves():
    from signing.log.leaf import Change, LeafKind
    from tests.log_world import START

    return [Change(at=START, kind=LeafKind.SUSPEND, entry=entry).to_bytes() for entry in range(1, SIZE + 1)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory, leaves):
    """A log of changes, as a run of it would find it that had seen ``BEFORE`` leaves."""
    folder = tmp_path_factory.mktemp("whole")
    write_log(folder / "before", leaves[:BEFORE], at=NOW - DAY)
    write_log(folder / "log", leaves, at=NOW - HOUR)
    return folder


def test_a_bit_flipped_in_any_file_that_a_run_reads_is_refused(desk, whole):
    """A part of the log was seen, so there are files of leaves that were seen, of others, and of both."""
    log = desk.public / "log"
    shutil.copytree(whole / "before", log)
    desk.watch()
    shutil.rmtree(log)
    shutil.copytree(whole / "log", log)
    state = desk.state.read_bytes()
    sample = random.Random(20261120)
    first = BEFORE // 256
    read = [log / "tile" / "entries" / f"{n:03}" for n in range(first, SIZE // 256)]
    read += [log / "tile" / "0" / f"{n:03}" for n in range(first, SIZE // 256)]
    read += [path for path in log.glob("tile/**/*.p/*") if path.is_file()]
    read += [log / "tile" / "1" / "000"]

    for path in read:
        data = path.read_bytes()
        bit = sample.randrange(8 * len(data))
        changed = bytearray(data)
        changed[bit >> 3] ^= 1 << (bit & 7)
        path.write_bytes(bytes(changed))
        code, answer = desk.watch()
        path.write_bytes(data)
        assert (code, answer["findings"], answer["read_to"]) == (2, [], BEFORE), path
        assert [doubt["code"] for doubt in answer["doubts"]] == ["log_damaged"], path
        assert desk.state.read_bytes() == state

    assert len(read) > 8
    assert desk.watch()[1]["read_to"] == SIZE


def test_every_bit_of_a_small_log_is_its_own(desk):
    register = desk.register
    register.issue(register.open(), count=2)
    desk.publish()
    refused = 0

    for path in sorted((desk.public / "log").rglob("*")):
        data = path.read_bytes() if path.is_file() and path.name != "checkpoint" else b""
        for bit in range(8 * len(data)):
            changed = bytearray(data)
            changed[bit >> 3] ^= 1 << (bit & 7)
            path.write_bytes(bytes(changed))
            code, answer = desk.watch()
            assert (code, answer["findings"], answer["read_to"]) == (2, [], 0), (path, bit)
            refused += 1
        if data:
            path.write_bytes(data)

    assert refused > 2000
    assert not desk.state.exists()
    assert desk.found() == []


@pytest.mark.parametrize(
    "name", ["tile/entries/000", "tile/entries/001.p/88", "tile/0/000", "tile/1/000.p/1"]
)
@pytest.mark.parametrize("fault", ["missing", "empty", "longer", "shorter"])
def test_a_file_that_is_not_whole_is_refused(honest, name, fault):
    path = honest.public / "log" / name
    data = path.read_bytes()
    if fault == "missing":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "longer": data + b"\0", "shorter": data[:-1]}[fault])

    code, answer = honest.watch()

    assert (code, [doubt["code"] for doubt in answer["doubts"]]) == (2, ["log_damaged"])


def test_a_log_that_kept_only_its_full_files_is_read(desk):
    register = desk.register
    register.issue(register.open(), count=600)
    register_leaves = register.leaves
    write_log(desk.public / "log", register_leaves[:600], at=NOW - DAY)
    note = (desk.public / "log" / "checkpoint").read_bytes()
    for _ in range(200):
        register.change(kind_of_change(), 1)
    write_log(desk.public / "log", register_leaves, at=NOW)
    for partial in sorted((desk.public / "log").rglob("*.p")):
        if partial.name.startswith("002"):
            shutil.rmtree(partial)
    (desk.public / "log" / "checkpoint").write_bytes(note)

    code, answer = desk.watch()

    assert (code, answer["read_to"]) == (0, 600)


def kind_of_change():
    from signing.log.leaf import LeafKind

    return LeafKind.SUSPEND
