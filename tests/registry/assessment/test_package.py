"""A package that is not wise to open is refused before any parser of workbooks sees it."""

import io
import time
import zipfile
from contextlib import suppress

import pytest

from registry.assessment.archive import MAX_ENTRIES
from registry.assessment.errors import ContentUnreadable
from registry.assessment.package import plain_package
from registry.assessment.reading import WORKBOOK_MEDIA_TYPE, read_content
from tests.registry.assessment.workbooks import (
    RELATIONS,
    SHEET,
    TYPES,
    added,
    good_workbook,
    repacked,
    replaced,
    with_lying_sizes,
)

DTD = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
DECLARED = b"<?xml version='1.0' encoding='UTF-8'?>"
EXTERNAL = (
    b'<Relationship Id="rIdX" Type="x" Target="file:///c:/a.xlsx" TargetMode="External"/></Relationships>'
)


def renamed(name):
    return repacked(lambda parts: parts.update({name: b"x"}))


def flagged_encrypted():
    content = bytearray(good_workbook())
    content[6] |= 1
    content[content.find(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def with_bad_checksum():
    content = bytearray(repacked(lambda parts: None, method=zipfile.ZIP_STORED))
    place = content.find(b"<sheetData>")
    content[place + 1] ^= 0x20
    return bytes(content)


def with_two_of_a_name():
    target = io.BytesIO(good_workbook())
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("XL/Workbook.xml", b"<workbook/>")
    return target.getvalue()


def utf16(parts):
    parts[SHEET] = parts[SHEET].decode().replace("encoding='utf-8'", "").encode("utf-16")


def with_bzip2():
    return repacked(lambda parts: None, method=zipfile.ZIP_BZIP2)


HOSTILE = [
    ("nothing", lambda: b"", "not_a_workbook"),
    ("a text", lambda: b"row,name\n1,x\n", "not_a_workbook"),
    (
        "an old .xls, or one with a password",
        lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512),
        "encrypted_or_xls",
    ),
    ("a zip cut short", lambda: good_workbook()[:-40], "broken_workbook"),
    ("only the magic", lambda: b"PK\x03\x04", "broken_workbook"),
    ("a zip of something else", lambda: renamed("word/document.xml").replace(b"xl/", b"wd/"), None),
    ("too many bytes", lambda: b"PK\x03\x04" + bytes(16 * 1024 * 1024), "too_large"),
    ("an encrypted entry", flagged_encrypted, "encrypted"),
    ("another compression", with_bzip2, "broken_workbook"),
    ("a wrong checksum", with_bad_checksum, "broken_workbook"),
    ("two entries of a name", with_two_of_a_name, "broken_workbook"),
    ("a name that climbs", lambda: renamed("xl/../../etc/passwd"), "unsafe_name"),
    ("an absolute name", lambda: renamed("/etc/passwd"), "unsafe_name"),
    ("a name with a backslash", lambda: renamed("xl\\worksheets\\sheet1.xml"), "unsafe_name"),
    ("a name with a colon", lambda: renamed("c:/x"), "unsafe_name"),
    ("a very long name", lambda: renamed("x" * 300), "unsafe_name"),
    (
        "many entries",
        lambda: repacked(lambda p: p.update({f"x/{n}": b"" for n in range(MAX_ENTRIES)})),
        "too_much_inside",
    ),
    (
        "a bomb in a sheet",
        lambda: repacked(lambda p: p.update({SHEET: bytes(60_000_000)})),
        "too_much_inside",
    ),
    ("a bomb beside the sheets", lambda: added("xl/media/a.png", bytes(60_000_000)), "too_much_inside"),
    ("an entry over the limit", lambda: added("xl/media/a.png", bytes(81 * 1024 * 1024)), "too_much_inside"),
    ("a zip in the zip", lambda: added("xl/media/more.zip", good_workbook()), "embedded_object"),
    ("a workbook in the workbook", lambda: added("xl/embeddings/a.xlsx", good_workbook()), "embedded_object"),
    ("an OLE object", lambda: added("xl/embeddings/oleObject1.bin", b"x"), "embedded_object"),
    ("ActiveX", lambda: added("xl/activeX/activeX1.xml", b"<a/>"), "embedded_object"),
    ("a macro part", lambda: added("xl/vbaProject.bin", b"x"), "macro"),
    ("a macro part in capitals", lambda: added("XL/VBAPROJECT.BIN", b"x"), "macro"),
    ("a macro sheet", lambda: added("xl/macrosheets/sheet1.xml", b"<a/>"), "macro"),
    (
        "the type of .xlsm",
        lambda: replaced(TYPES, b"spreadsheetml.sheet.main", b"sheet.macroEnabled.main"),
        "macro",
    ),
    (
        "no type of a workbook",
        lambda: replaced(TYPES, b"spreadsheetml.sheet.main", b"other"),
        "not_a_workbook",
    ),
    ("an external link", lambda: added("xl/externalLinks/externalLink1.xml", b"<a/>"), "external_link"),
    ("a data connection", lambda: added("xl/connections.xml", b"<a/>"), "external_link"),
    ("an external target", lambda: replaced(RELATIONS, b"</Relationships>", EXTERNAL), "external_link"),
    ("a DTD in a sheet", lambda: replaced(SHEET, b"<worksheet", DTD + b"<worksheet"), "document_type"),
    (
        "entities in the workbook",
        lambda: replaced("xl/workbook.xml", b"<workbook", LAUGHS + b"<workbook"),
        "document_type",
    ),
    ("a DTD where nobody reads", lambda: added("docProps/x.xml", DECLARED + DTD + b"<x/>"), "document_type"),
    ("UTF-16 in a sheet", lambda: repacked(utf16), "not_utf8"),
    (
        "another encoding declared",
        lambda: added("docProps/x.xml", b"<?xml version='1.0' encoding='utf-7'?><x/>"),
        "not_utf8",
    ),
    ("bytes that are no XML", lambda: replaced(SHEET, b"<sheetData>", b"<sheetData"), "broken_workbook"),
]


@pytest.mark.parametrize(("make", "code"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_a_hostile_package_is_refused_at_once(make, code):
    content = make()
    before = time.process_time()

    with pytest.raises(ContentUnreadable) as refusal:
        read_content(content, WORKBOOK_MEDIA_TYPE)

    assert time.process_time() - before < 1
    assert code is None or refusal.value.code == code
    assert refusal.value.faults[0].remedy


@pytest.mark.parametrize("claimed", [10, 1000])
def test_an_entry_that_lies_about_its_size_is_not_inflated(claimed):
    bomb = repacked(lambda parts: parts.update({SHEET: bytes(50_000_000)}))

    with pytest.raises(ContentUnreadable) as refusal:
        plain_package(with_lying_sizes(bomb, SHEET, claimed))

    assert refusal.value.code == "too_much_inside"


def test_an_entry_that_claims_too_much_is_refused():
    content = with_lying_sizes(good_workbook(), SHEET, 900_000)

    with pytest.raises(ContentUnreadable) as refusal:
        plain_package(content)

    assert refusal.value.code == "broken_workbook"


def test_parsers_get_a_plain_zip_of_the_parts_they_need():
    content = repacked(
        lambda parts: parts.update(
            {"xl/media/a.png": b"x", "docProps/custom.xml": b"<a/>", "customXml/item1.xml": b"<a/>"}
        )
    )
    with zipfile.ZipFile(plain_package(content)) as package:
        names = package.namelist()
        assert {entry.compress_type for entry in package.infolist()} == {zipfile.ZIP_STORED}

    assert SHEET in names
    assert not any(name.startswith(("docProps", "xl/media", "customXml", "xl/theme")) for name in names)


def test_every_cut_of_a_workbook_is_refused_and_nothing_else_happens():
    content = good_workbook()
    for length in range(0, len(content), 97):
        with pytest.raises(ContentUnreadable):
            read_content(content[:length], WORKBOOK_MEDIA_TYPE)


def test_every_flipped_byte_is_refused_or_changes_nothing():
    content = good_workbook()
    for place in range(0, len(content), 7):
        spoilt = bytearray(content)
        spoilt[place] ^= 0x5A
        with suppress(ContentUnreadable):
            assert read_content(bytes(spoilt), WORKBOOK_MEDIA_TYPE) == read_content(
                content, WORKBOOK_MEDIA_TYPE
            )
