"""The directory of a zip from outside: whole, plain, in its place, or refused."""

import io
import zipfile

import pytest

from registry.archive.directory import read_directory, require_safe_name
from registry.archive.errors import Problem, UnsoundArchive
from registry.archive.inflation import inflate
from tests.registry.photo.zips import (
    as_zip64,
    directory_place,
    sharing_bytes,
    with_directory_field,
    with_end_field,
    with_raw_name,
    zipped,
)

GOOD = {"1.jpg": b"one" * 100, "2.jpg": b"two" * 100}


def entries(content: bytes, *, max_entries: int = 10) -> list[zipfile.ZipInfo]:
    return read_directory(io.BytesIO(content), max_entries=max_entries)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_entries_are_read_and_inflated(method):
    content = zipped(GOOD, method)

    read = {entry.filename: inflate(io.BytesIO(content), entry) for entry in entries(content)}

    assert read == GOOD


def test_a_zip_with_a_comment_and_one_written_as_a_stream_are_read():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = "照片".encode()
        with archive.open("1.jpg", "w", force_zip64=True) as entry:
            entry.write(b"one")

    (only,) = entries(target.getvalue())

    assert inflate(target, only) == b"one"


def test_names_in_no_encoding_are_told_apart_by_their_bytes():
    content = zipped({"xx.jpg": b"", "yy.jpg": b""})
    for old, new in ((b"xx.jpg", b"\xff\xfe.jpg"), (b"yy.jpg", b"\xff\xfd.jpg")):
        content = with_raw_name(content, old, new)

    assert len(entries(content)) == 2


UNSOUND = {
    "nothing": (lambda: b"", Problem.BROKEN),
    "only an end": (lambda: b"PK\x05\x06" + bytes(10), Problem.BROKEN),
    "bytes before it": (lambda: b"PK\x03\x04 before" + zipped(GOOD), Problem.BROKEN),
    "bytes behind it": (lambda: zipped(GOOD) + b"behind", Problem.BROKEN),
    "another zip behind it": (lambda: zipped(GOOD) + zipped({"3.jpg": b"3"}), Problem.BROKEN),
    "zip64": (lambda: as_zip64(zipped(GOOD)), Problem.BROKEN),
    "a directory elsewhere": (lambda: with_end_field(zipped(GOOD), 16, "<L", 0), Problem.BROKEN),
    "a directory of gigabytes": (
        lambda: with_end_field(zipped(GOOD), 12, "<L", 0xFFFFFFF0),
        Problem.TOO_MANY,
    ),
    "many entries": (lambda: zipped({f"{n}": b"" for n in range(11)}), Problem.TOO_MANY),
    "more entries than it counts": (
        lambda: with_end_field(zipped({f"{n}": b"" for n in range(11)}), 10, "<H", 3),
        Problem.TOO_MANY,
    ),
    "a name twice": (lambda: zipped({"1.jpg": b"", "1.JPG": b""}), Problem.BROKEN),
    "a name twice in Chinese": (lambda: zipped({"李坤.jpg": b"", "李坤.JPG": b""}), Problem.BROKEN),
    "a name twice in two encodings": (
        lambda: with_raw_name(zipped({"李坤": b"", "xxxx": b""}), b"xxxx", "李坤".encode("gbk")),
        Problem.BROKEN,
    ),
    "entries that share bytes": (lambda: sharing_bytes(5), Problem.BROKEN),
    "an entry in the directory": (
        lambda: with_directory_field(zipped(GOOD), b"2.jpg", 20, "<L", 10_000),
        Problem.BROKEN,
    ),
    "a broken header": (
        lambda: zipped(GOOD).replace(b"PK\x01\x02", b"PK\x01\x03", 1),
        Problem.BROKEN,
    ),
}


@pytest.mark.parametrize(("make", "problem"), UNSOUND.values(), ids=UNSOUND)
def test_an_unsound_zip_is_refused(make, problem):
    with pytest.raises(UnsoundArchive) as refusal:
        entries(make())

    assert refusal.value.problem is problem


LYING = {
    "less than there is": (24, "<L", 10, Problem.TOO_MUCH),
    "more than there is": (24, "<L", 301, Problem.BROKEN),
    "packed shorter": (20, "<L", 5, Problem.BROKEN),
    "another checksum": (16, "<L", 1, Problem.BROKEN),
}


@pytest.mark.parametrize(("offset", "form", "value", "problem"), LYING.values(), ids=LYING)
def test_an_entry_that_lies_is_not_taken_out(offset, form, value, problem):
    content = with_directory_field(
        zipped({"1.jpg": b"one" * 100}, zipfile.ZIP_DEFLATED), b"1.jpg", offset, form, value
    )
    (entry,) = entries(content)

    with pytest.raises(UnsoundArchive) as refusal:
        inflate(io.BytesIO(content), entry)

    assert refusal.value.problem is problem


def test_an_entry_whose_own_header_names_it_otherwise_is_not_taken_out():
    content = zipped({"1.jpg": b"one"})
    place = directory_place(content, b"1.jpg") + 46
    content = content[:place] + b"9" + content[place + 1 :]
    (entry,) = entries(content)

    with pytest.raises(UnsoundArchive):
        inflate(io.BytesIO(content), entry)


def test_an_entry_that_can_not_be_inflated_is_not_taken_out():
    content = zipped({"1.jpg": b"one" * 100}, zipfile.ZIP_DEFLATED)
    (entry,) = entries(content)
    spoilt = content.replace(content[35 : 35 + entry.compress_size], b"\xff" * entry.compress_size)

    with pytest.raises(UnsoundArchive):
        inflate(io.BytesIO(spoilt), entry)


@pytest.mark.parametrize("left", [10, 35, 100])
def test_an_entry_that_is_cut_short_after_its_directory_was_read_is_not_taken_out(left):
    content = zipped({"1.jpg": b"one" * 100})
    (entry,) = entries(content)

    with pytest.raises(UnsoundArchive):
        inflate(io.BytesIO(content[:left]), entry)


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../x", "a/../x", "a/..", "./x", "a//b", "c:/x", "a\\b", "a\0b", "a\nb", "x" * 201, ""],
)
def test_a_name_that_leads_elsewhere_is_refused(name):
    with pytest.raises(UnsoundArchive):
        require_safe_name(name)


@pytest.mark.parametrize("name", ["1.jpg", "照片/张三.jpg", "a/b/c.png", "..a/b", "x" * 200])
def test_a_plain_name_is_taken(name):
    require_safe_name(name)


def test_a_refusal_does_not_tell_the_name():
    with pytest.raises(UnsoundArchive) as refusal:
        require_safe_name("../110105194912310021.jpg")

    assert "1101" not in str(refusal.value)
