"""Archives of photos: what is refused as a whole, what is told entry by entry, what is passed over."""

import io
import stat
import tracemalloc
import zipfile

import pytest

from registry.photo.archive import MAX_ARCHIVE_BYTES, MAX_ENTRIES, PhotoArchive
from registry.photo.errors import ArchiveRefused, PhotoRefused
from tests.registry.photo.pictures import jpeg
from tests.registry.photo.zips import (
    as_zip64,
    sharing_bytes,
    with_directory_field,
    with_raw_name,
    zipped,
)

PHOTO = jpeg()


def opened(files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> PhotoArchive:
    return PhotoArchive(io.BytesIO(zipped(files, method)))


def stems(archive: PhotoArchive) -> list[str]:
    return [stem for stem, _ in archive.names()]


def told(archive: PhotoArchive) -> dict[str, str]:
    return {entry.name: entry.code for entry in archive.refused}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_photos_are_found_by_row_or_id_number_wherever_they_lie(method):
    archive = opened(
        {
            "1.jpg": PHOTO,
            "0002.JPEG": PHOTO + b"2",
            "照片/一班/11010519491231002x.Png": PHOTO + b"3",
            "E１２３４５６７８.jpg": PHOTO + b"4",
        },
        method,
    )

    assert stems(archive) == ["1", "0002", "11010519491231002X", "E12345678"]
    assert [archive.open(entry) for _, entry in archive.names()] == [
        PHOTO,
        *(PHOTO + b"%d" % n for n in (2, 3, 4)),
    ]
    assert (archive.refused, archive.litter) == ([], [])


def test_litter_of_systems_is_passed_over_and_told():
    litter = [
        "__MACOSX/._1.jpg",
        ".DS_Store",
        "a/.DS_Store",
        "a/._2.jpg",
        "Thumbs.db",
        "a/thumbs.DB",
        "desktop.ini",
    ]

    archive = opened({"1.jpg": PHOTO, **dict.fromkeys(litter, b"x")})

    assert archive.litter == litter
    assert (stems(archive), archive.refused) == (["1"], [])


def test_folders_are_no_entries():
    archive = opened({"photos/": b"", "photos/1.jpg": PHOTO})

    assert (stems(archive), archive.litter, archive.refused) == (["1"], [], [])


def test_names_that_windows_wrote_in_gbk_are_shown_as_they_were_meant():
    name = "照片誠/1.jpg".encode("gbk")
    assert b"\\" in name
    content = with_raw_name(zipped({"x" * len(name): PHOTO}), b"x" * len(name), name)

    ((stem, entry),) = PhotoArchive(io.BytesIO(content)).names()

    assert (stem, entry.name) == ("1", "照片誠/1.jpg")


def as_windows_zips(files):
    """Return the zip that Windows in Chinese writes: names in GBK, and no word of their encoding."""
    content = zipped(
        {f"{place:0{len(name.encode('gbk'))}}": data for place, (name, data) in enumerate(files.items())}
    )
    for place, name in enumerate(files):
        raw = name.encode("gbk")
        content = with_raw_name(content, b"%0*d" % (len(raw), place), raw)
    return content


# Each pair differs in one byte, as a small letter differs from its capital: in cp437, in ASCII, and in UTF-8.
ALIKE_BYTE_BY_BYTE = ["李坤/李昆", "丹/单", "胜/圣", "丄/乤", "蘑/模"]


@pytest.mark.parametrize("pair", ALIKE_BYTE_BY_BYTE)
def test_two_chinese_names_are_two_names(pair):
    names = [f"{name}.jpg" for name in pair.split("/")]

    archive = PhotoArchive(io.BytesIO(as_windows_zips(dict.fromkeys(names, PHOTO))))

    assert set(told(archive).values()) == {"photo_unusable_name"}
    assert len(archive.refused) == 2


def test_photos_lie_in_the_folders_of_people_with_such_names():
    content = as_windows_zips({"李坤/1.jpg": PHOTO, "李昆/2.jpg": PHOTO})

    assert stems(PhotoArchive(io.BytesIO(content))) == ["1", "2"]


def test_a_name_in_no_encoding_is_no_row():
    content = with_raw_name(zipped({"xx.jpg": PHOTO}), b"xx.jpg", b"\xff\xff.jpg")

    assert list(told(PhotoArchive(io.BytesIO(content))).values()) == ["photo_unusable_name"]


def test_what_is_in_the_wrong_place_is_told_entry_by_entry():
    archive = opened(
        {
            "1.jpg": PHOTO,
            "成绩.xlsx": b"x",
            "more.zip": zipped({"2.jpg": PHOTO}),
            "3.gif": b"GIF89a",
            "张三.jpg": PHOTO,
            "a/4.jpg": PHOTO,
            "b/4.JPG": PHOTO,
            "5.jpg": b"",
            "6.jpg": bytes(1_048_577),
            ".jpg": PHOTO,
        }
    )

    assert stems(archive) == ["1"]
    assert told(archive) == {
        "成绩.xlsx": "photo_not_a_photo",
        "more.zip": "photo_not_a_photo",
        "3.gif": "photo_not_a_photo",
        "张三.jpg": "photo_unusable_name",
        "a/4.jpg": "photo_name_twice",
        "b/4.JPG": "photo_name_twice",
        "5.jpg": "photo_empty",
        "6.jpg": "photo_too_large",
        ".jpg": "photo_not_a_photo",
    }
    assert all(entry.message and entry.remedy for entry in archive.refused)


def test_a_link_is_no_photo():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as content:
        link = zipfile.ZipInfo("1.jpg")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        content.writestr(link, "/etc/passwd")

    archive = PhotoArchive(target)

    assert told(archive) == {"1.jpg": "photo_not_a_photo"}


def test_a_rare_compression_is_the_matter_of_one_entry():
    target = io.BytesIO(zipped({"1.jpg": PHOTO}))
    with zipfile.ZipFile(target, "a") as content:
        content.writestr(zipfile.ZipInfo("2.jpg"), PHOTO, compress_type=zipfile.ZIP_BZIP2)

    archive = PhotoArchive(target)

    assert (stems(archive), told(archive)) == (["1"], {"2.jpg": "photo_rare_compression"})
    assert "已损坏" not in archive.refused[0].message


def test_a_name_that_could_hide_something_is_shown_as_what_it_is():
    archive = opened({"1\u202egpj.exe": b"x"})

    assert list(told(archive)) == ["1[U+202E]gpj.exe"]


def encrypted() -> bytes:
    content = bytearray(zipped({"1.jpg": PHOTO}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def promising_terabytes() -> bytes:
    content = zipped({f"{number}.jpg": b"x" for number in range(4)})
    for number in range(4):
        content = with_directory_field(content, b"%d.jpg" % number, 24, "<L", 0xF0000000)
    return content


WHOLE = {
    "nothing": (lambda: b"", "archive_not_a_zip"),
    "a photo": (lambda: PHOTO, "archive_not_a_zip"),
    "a RAR": (lambda: b"Rar!\x1a\x07\x01\0" + bytes(99), "archive_other_format"),
    "a 7z": (lambda: b"7z\xbc\xaf\x27\x1c" + bytes(99), "archive_other_format"),
    "an archive without entries": (lambda: zipped({}), "archive_not_a_zip"),
    "a photo before the zip": (lambda: PHOTO + zipped({"1.jpg": PHOTO}), "archive_not_a_zip"),
    "cut short": (lambda: zipped({"1.jpg": PHOTO})[:-40], "archive_broken"),
    "encrypted": (encrypted, "archive_encrypted"),
    "a name that climbs": (lambda: zipped({"1.jpg": PHOTO, "../2.jpg": PHOTO}), "archive_unsafe_name"),
    "an absolute name": (lambda: zipped({"/etc/1.jpg": PHOTO}), "archive_unsafe_name"),
    "a name with a backslash": (lambda: zipped({"a\\1.jpg": PHOTO}), "archive_unsafe_name"),
    "litter that climbs": (lambda: zipped({"../.DS_Store": b""}), "archive_unsafe_name"),
    "a name twice": (lambda: zipped({"1.jpg": PHOTO, "1.JPG": PHOTO}), "archive_broken"),
    "zip64": (lambda: as_zip64(zipped({"1.jpg": PHOTO})), "archive_broken"),
    "entries that share bytes": (lambda: sharing_bytes(100), "archive_broken"),
    "terabytes inside": (promising_terabytes, "archive_too_much"),
    "too many entries": (
        lambda: zipped({f"{number}.jpg": b"" for number in range(MAX_ENTRIES + 1)}),
        "archive_too_many",
    ),
}


@pytest.mark.parametrize(("make", "code"), WHOLE.values(), ids=WHOLE)
def test_an_unsound_archive_is_refused_as_a_whole(make, code):
    with pytest.raises(ArchiveRefused) as refusal:
        PhotoArchive(io.BytesIO(make()))

    assert refusal.value.code == code
    assert refusal.value.message
    assert refusal.value.remedy


def test_the_entry_that_is_at_fault_is_named():
    with pytest.raises(ArchiveRefused) as refusal:
        opened({"../2.jpg": PHOTO})

    assert refusal.value.value == "../2.jpg"
    assert "2.jpg" not in str(refusal.value)


def test_an_archive_that_is_too_large_is_refused_unread(tmp_path):
    path = tmp_path / "large.zip"
    with path.open("wb") as file:
        file.truncate(MAX_ARCHIVE_BYTES + 1)

    with path.open("rb") as file, pytest.raises(ArchiveRefused) as refusal:
        PhotoArchive(file)

    assert refusal.value.code == "archive_too_large"


@pytest.mark.parametrize(
    ("offset", "value"),
    [(24, len(PHOTO) - 100), (24, 1_000_000), (16, 1)],
    ids=["less", "more", "another checksum"],
)
def test_an_entry_that_lies_about_itself_is_refused_when_it_is_opened(offset, value):
    content = zipped({"1.jpg": PHOTO, "2.jpg": PHOTO}, zipfile.ZIP_DEFLATED)
    archive = PhotoArchive(io.BytesIO(with_directory_field(content, b"2.jpg", offset, "<L", value)))
    (_, good), (_, lying) = archive.names()

    assert archive.open(good) == PHOTO
    with pytest.raises(PhotoRefused) as refusal:
        archive.open(lying)
    assert refusal.value.code == "photo_entry_broken"


def test_an_entry_that_is_packed_to_more_than_it_is_can_not_fill_memory():
    """Stored bytes are as long as the packed ones; only a liar declares a small size for many packed bytes."""
    content = zipped({"1.jpg": bytes(5_000_000)})

    archive = PhotoArchive(io.BytesIO(with_directory_field(content, b"1.jpg", 24, "<L", 1000)))

    assert told(archive) == {"1.jpg": "photo_entry_broken"}


def test_an_archive_is_read_from_a_file_and_not_into_memory(tmp_path):
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as content:
        for number in range(100):
            content.writestr(f"{number}.jpg", bytes(1_000_000))

    tracemalloc.start()
    try:
        with path.open("rb") as file:
            archive = PhotoArchive(file)
            lengths = {len(archive.open(entry)) for _, entry in archive.names()}
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert lengths == {1_000_000}
    assert most < 10_000_000


def test_as_many_photos_as_there_may_be_are_named():
    archive = opened({f"{number}.jpg": b"x" for number in range(MAX_ENTRIES)})

    assert len(archive.names()) == MAX_ENTRIES
