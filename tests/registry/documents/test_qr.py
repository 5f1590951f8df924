"""The QR symbol: its size, its segments, and that two independent readers read exactly what was put in."""

import io
import struct
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import BIT_LIMIT_TABLE

from registry.documents.errors import NotQrText, TooSmall
from registry.documents.qr import (
    QUIET_ZONE,
    QrMatrix,
    largest_whole_dots,
    printed_mm,
    qr_matrix,
    qr_png,
    qr_svg,
)

PREFIX = "https://dte.example/v#"
LONGEST_TOKEN = 288
DESIGNED_MM = 19.3


def qr_text_of(size: int, prefix: str = PREFIX) -> str:
    """A text as a token of this size gives it: first byte d2 (tag 18), the others as large as can be."""
    return prefix + str(int.from_bytes(b"\xd2" + b"\xff" * (size - 1)))


def grey(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("L")


def on_a_white_page(symbol: Image.Image, dpi: int) -> Image.Image:
    page = Image.new("L", (round(210 / 25.4 * dpi), round(148 / 25.4 * dpi)), 255)
    page.paste(symbol, (dpi, dpi // 2))
    return page


def read_by_zxing(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)]


def read_by_wechat(image: Image.Image) -> list[str]:
    texts, _ = cv2.wechat_qrcode.WeChatQRCode().detectAndDecode(np.array(image))
    return list(texts)


def test_a_typical_token_needs_version_8():
    assert [qr_matrix(qr_text_of(size)).version for size in (120, 126, 128)] == [8, 8, 8]


def test_prefix_and_token_of_150_bytes_are_the_most_that_version_8_holds():
    assert qr_matrix(qr_text_of(128)).version == 8
    assert len(PREFIX) + 128 == 150
    assert qr_matrix(qr_text_of(129)).version == 9
    assert qr_matrix(qr_text_of(128, prefix="https://dte.example.cn/v#")).version == 9


def test_the_version_is_the_smallest_for_one_byte_and_one_numeric_segment():
    for size in (120, 128, 129, 180, 255, LONGEST_TOKEN):
        text = qr_text_of(size)
        digits = len(text) - len(PREFIX)
        small, large = (
            4 + byte_count + 8 * len(PREFIX) + 4 + digit_count + 10 * (digits // 3) + (0, 4, 7)[digits % 3]
            for byte_count, digit_count in ((8, 10), (16, 12))
        )
        capacities = BIT_LIMIT_TABLE[ERROR_CORRECT_M]
        fitting = [v for v in range(1, 41) if capacities[v] >= (small if v < 10 else large)]

        assert qr_matrix(text).version == fitting[0]


def test_a_symbol_is_square_and_as_large_as_its_version_says():
    matrix = qr_matrix(qr_text_of(126))

    assert {len(row) for row in matrix.modules} == {len(matrix.modules)} == {17 + 4 * matrix.version}
    assert matrix.side == len(matrix.modules) + 2 * QUIET_ZONE == 57


@pytest.mark.parametrize("dpi", [300, 600])
def test_a_typical_symbol_of_19_3_mm_is_read_exactly(dpi):
    for size in (120, 126, 128):
        text = qr_text_of(size)
        matrix = qr_matrix(text)
        dots = largest_whole_dots(matrix, dpi=dpi, within_mm=DESIGNED_MM)
        symbol = grey(qr_png(matrix, dpi=dpi, dots_per_module=dots))

        assert symbol.width == 57 * dots == 57 * 4 * dpi // 300
        for image in (symbol, on_a_white_page(symbol, dpi)):
            assert read_by_zxing(image) == [text]
            assert read_by_wechat(image) == [text]


@pytest.mark.parametrize(("dpi", "within_mm"), [(300, 19.3), (300, 26.0), (600, 19.3), (600, 35.0)])
def test_the_longest_token_is_read_exactly(dpi, within_mm):
    text = qr_text_of(LONGEST_TOKEN)
    matrix = qr_matrix(text)
    dots = largest_whole_dots(matrix, dpi=dpi, within_mm=within_mm)
    page = on_a_white_page(grey(qr_png(matrix, dpi=dpi, dots_per_module=dots)), dpi)

    assert matrix.version == 13
    assert read_by_zxing(page) == [text]
    assert read_by_wechat(page) == [text]


def test_a_token_with_the_fewest_digits_is_read_exactly():
    text = PREFIX + str(int.from_bytes(b"\xd2" + b"\x00" * 125))

    assert read_by_zxing(grey(qr_png(qr_matrix(text), dpi=300, dots_per_module=4))) == [text]


def test_the_quiet_zone_is_white_and_four_modules_wide():
    matrix = qr_matrix(qr_text_of(126))
    pixels = np.array(grey(qr_png(matrix, dpi=300, dots_per_module=3)))

    margin = QUIET_ZONE * 3
    inner = pixels[margin:-margin, margin:-margin]
    assert (pixels < 255).sum() == (inner < 255).sum()
    assert inner[0, 0] == inner[-1, 0] == inner[0, -1] == 0


def test_every_module_is_the_same_whole_number_of_dots():
    matrix = qr_matrix(qr_text_of(126))
    pixels = np.array(grey(qr_png(matrix, dpi=300, dots_per_module=4)))[16:-16, 16:-16] == 0

    assert (pixels == np.array(matrix.modules).repeat(4, axis=0).repeat(4, axis=1)).all()


def test_a_png_has_one_bit_per_dot_and_says_its_resolution():
    png = qr_png(qr_matrix(qr_text_of(126)), dpi=300, dots_per_module=4)

    width, height, bits, colour = struct.unpack_from(">IIBB", png, 16)
    assert (width, height, bits, colour) == (228, 228, 1, 0)
    x, y, unit = struct.unpack_from(">IIB", png, png.index(b"pHYs") + 4)
    assert (x, y, unit) == (11811, 11811, 1)  # dots per metre: 300 / 0.0254


@pytest.mark.parametrize(
    ("dpi", "within_mm", "dots"),
    [
        (300, 19.3, 4),  # 228 dots: 19.304 mm
        (300, 19.2, 3),
        (300, 24.2, 5),
        (600, 19.3, 8),
        (203, 19.3, 2),
        (300, 4.9, 1),
    ],
)
def test_the_dots_are_the_most_that_fit(dpi, within_mm, dots):
    matrix = qr_matrix(qr_text_of(126))

    assert largest_whole_dots(matrix, dpi=dpi, within_mm=within_mm) == dots
    assert round(printed_mm(matrix, dpi=dpi, dots_per_module=dots), 1) <= within_mm
    assert round(printed_mm(matrix, dpi=dpi, dots_per_module=dots + 1), 1) > within_mm


def test_a_space_too_small_for_whole_dots_is_refused():
    with pytest.raises(TooSmall) as refused:
        largest_whole_dots(qr_matrix(qr_text_of(126)), dpi=300, within_mm=4.7)

    assert (refused.value.modules, refused.value.dpi, refused.value.within_mm) == (57, 300, 4.7)


def drawn(svg: bytes) -> QrMatrix:
    """Read an SVG of ours back: the dark path is made of runs, M x y h n v 1."""
    root = ElementTree.fromstring(svg)
    side = int(root.attrib["viewBox"].split()[2])
    rows = [[False] * side for _ in range(side)]
    for run in root[1].attrib["d"].removesuffix("z").split("z"):
        x, rest = run.removeprefix("M").split(" ")
        y, rest = rest.split("h")
        for column in range(int(x), int(x) + int(rest.split("v")[0])):
            rows[int(y)][column] = True
    inner = slice(QUIET_ZONE, -QUIET_ZONE)
    return QrMatrix((side - 25) // 4, tuple(tuple(row[inner]) for row in rows[inner]))


def test_an_svg_draws_the_same_modules():
    for size in (1, 126, LONGEST_TOKEN):
        matrix = qr_matrix(qr_text_of(size))

        assert drawn(qr_svg(matrix)) == matrix


def test_an_svg_has_a_printed_size_only_if_asked():
    matrix = qr_matrix(qr_text_of(126))

    assert ElementTree.fromstring(qr_svg(matrix, width_mm=19.3)).attrib["width"] == "19.3mm"
    assert "width" not in ElementTree.fromstring(qr_svg(matrix)).attrib


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#",
        "#1",
        PREFIX,
        PREFIX + "0123",
        PREFIX + "12a",
        PREFIX + "12#34",
        PREFIX + "12\n",
        PREFIX + "١٢",
        "https://例/v#12",
        "https://a b/v#12",
        "12345",
        "x" * 201 + "#1",
        PREFIX + "9" * 6000,
    ],
)
def test_what_is_no_qr_text_is_refused(text):
    with pytest.raises(NotQrText):
        qr_matrix(text)
