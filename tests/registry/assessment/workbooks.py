"""Workbooks for the tests: one that is right, by openpyxl's ordinary writer, and ways to spoil a package."""

import io
import re
import struct
import zipfile
from collections.abc import Callable
from typing import Any

from openpyxl import Workbook, load_workbook

from registry.assessment.template import write_workbook
from tests.registry.assessment.submissions import form

SHEET = "xl/worksheets/sheet2.xml"
SHARED = "xl/sharedStrings.xml"
TYPES = "[Content_Types].xml"
RELATIONS = "xl/_rels/workbook.xml.rels"
RELATIONSHIPS = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = b"application/vnd.openxmlformats-officedocument.spreadsheetml"


def good_workbook() -> bytes:
    return write_workbook(form())


def edited(change: Callable[[Workbook], Any], content: bytes | None = None) -> bytes:
    """Return the workbook after a change by openpyxl, saved by its ordinary writer."""
    workbook = load_workbook(io.BytesIO(content or good_workbook()))
    change(workbook)
    target = io.BytesIO()
    workbook.save(target)
    return target.getvalue()


def repacked(
    change: Callable[[dict[str, bytes]], Any],
    content: bytes | None = None,
    *,
    method: int = zipfile.ZIP_DEFLATED,
) -> bytes:
    """Return the package after a change of its parts (name to bytes)."""
    with zipfile.ZipFile(io.BytesIO(content or good_workbook())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return target.getvalue()


def replaced(part: str, old: bytes, new: bytes, content: bytes | None = None) -> bytes:
    """Return the package with bytes of one part replaced; they must be there."""

    def change(parts: dict[str, bytes]) -> None:
        assert old in parts[part]
        parts[part] = parts[part].replace(old, new, 1)

    return repacked(change, content)


def added(part: str, data: bytes) -> bytes:
    """Return the package with one part more."""
    return repacked(lambda parts: parts.update({part: data}))


def with_shared_texts(content: bytes) -> bytes:
    """Return the workbook with its texts in ``xl/sharedStrings.xml``, as Excel and WPS write them."""

    def change(parts: dict[str, bytes]) -> None:
        texts: dict[bytes, int] = {}

        def shared(match: re.Match[bytes]) -> bytes:
            return b't="s"><v>%d</v>' % texts.setdefault(match[1], len(texts))

        for name in ("xl/worksheets/sheet1.xml", SHEET):
            parts[name] = re.sub(rb't="inlineStr"><is>(.*?)</is>', shared, parts[name])
        items = b"".join(b"<si>%s</si>" % text for text in texts)
        parts[SHARED] = (
            b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</sst>' % items
        )
        relation = (
            b'<Relationship Id="rIdT" Type="%s/sharedStrings" Target="sharedStrings.xml"/>' % RELATIONSHIPS
        )
        parts[RELATIONS] = parts[RELATIONS].replace(b"</Relationships>", relation + b"</Relationships>")
        override = (
            b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s.sharedStrings+xml"/></Types>' % MAIN
        )
        parts[TYPES] = parts[TYPES].replace(b"</Types>", override)

    return repacked(change, content)


def with_lying_sizes(content: bytes, part: str, claimed: int) -> bytes:
    """Return the package whose directory and local header claim another size for a part."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entry = archive.getinfo(part)
    spoilt = bytearray(content)
    struct.pack_into("<L", spoilt, entry.header_offset + 22, claimed)
    place = content.find(b"PK\x01\x02")
    while content[place + 46 : place + 46 + len(part)] != part.encode():
        place = content.index(b"PK\x01\x02", place + 4)
    struct.pack_into("<L", spoilt, place + 24, claimed)
    return bytes(spoilt)
