"""Archives for the tests: written by the ordinary writer, and ways to spoil their directory."""

import io
import struct
import zipfile
from collections.abc import Mapping

DIRECTORY_MAGIC = b"PK\x01\x02"
END_MAGIC = b"PK\x05\x06"


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return target.getvalue()


def with_raw_name(content: bytes, old: bytes, new: bytes) -> bytes:
    """Return the zip with the bytes of a name replaced by as many others, in both headers."""
    assert len(old) == len(new)
    assert content.count(old) == 2
    return content.replace(old, new)


def directory_place(content: bytes, name: bytes) -> int:
    """Return where the directory's header of an entry starts."""
    place = content.index(DIRECTORY_MAGIC)
    while content[place + 46 : place + 46 + len(name)] != name:
        place = content.index(DIRECTORY_MAGIC, place + 4)
    return place


def with_directory_field(content: bytes, name: bytes, offset: int, form: str, value: int) -> bytes:
    """Return the zip with one field of an entry in the directory changed."""
    spoilt = bytearray(content)
    struct.pack_into(form, spoilt, directory_place(content, name) + offset, value)
    return bytes(spoilt)


def with_end_field(content: bytes, offset: int, form: str, value: int) -> bytes:
    """Return the zip with one field of its end record changed."""
    spoilt = bytearray(content)
    struct.pack_into(form, spoilt, content.rindex(END_MAGIC) + offset, value)
    return bytes(spoilt)


def as_zip64(content: bytes) -> bytes:
    """Return the zip with a zip64 end record that says other than the plain one."""
    place = content.rindex(END_MAGIC)
    count, size, start = struct.unpack_from("<HLL", content, place + 10)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, place, 1)
    return content[:place] + record + locator + content[place:]


def sharing_bytes(copies: int) -> bytes:
    """Return a zip whose entries all begin with the same bytes (Fifield's overlapping bomb, in its simplest form)."""
    names = [f"{number:05}.jpg" for number in range(copies)]
    content = zipped(dict.fromkeys(names[1:], b"") | {names[0]: bytes(1000)})
    for name in names[1:]:
        content = with_directory_field(content, name.encode(), 42, "<L", 0)
    return content
