"""The QR in a picture."""

import io

import pytest
import qrcode
from PIL import Image

from signing.link import qr_text
from signing.offline import image
from signing.offline.errors import ImageNotReadable, ImagesNotSupported, NoToken, SeveralTokens
from signing.offline.reading import token_in
from tests.vectors import world

TOKEN = world.token(world.statement())
OTHER = world.token(world.statement(101))
LINK = qr_text("https://dte.example/v#", TOKEN)


def code(text: str) -> Image.Image:
    made = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=4, border=4)
    made.add_data(text)
    return made.make_image().get_image().convert("L")


def picture(*codes: Image.Image, kind: str = "PNG") -> bytes:
    sheet = Image.new(
        "L", (sum(one.width for one in codes) + 40, max((one.height for one in codes), default=0) + 40), 255
    )
    left = 20
    for one in codes:
        sheet.paste(one, (left, 20))
        left += one.width
    file = io.BytesIO()
    sheet.save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_it_reads_the_token_from_a_picture(kind):
    assert token_in(picture(code(LINK), kind=kind)) == TOKEN


@pytest.mark.parametrize("degrees", [90, 180])
def test_a_turned_picture_is_read_too(degrees):
    assert token_in(picture(code(LINK).rotate(degrees, expand=True))) == TOKEN


def test_the_same_code_twice_is_one_token():
    assert token_in(picture(code(LINK), code(LINK.replace("dte", "other")))) == TOKEN


def test_another_code_beside_it_does_not_matter():
    assert token_in(picture(code("https://shop.example/offer"), code(LINK))) == TOKEN


@pytest.mark.parametrize("second", [qr_text("https://dte.example/v#", OTHER), "https://dte.example/v#12345"])
def test_two_different_certificates_in_one_picture_are_refused(second):
    with pytest.raises(SeveralTokens):
        token_in(picture(code(LINK), code(second)))


@pytest.mark.parametrize(
    "codes", [[], [code("https://shop.example/offer")], [code("https://dte.example/v#12a")]]
)
def test_a_picture_without_a_certificate_is_refused(codes):
    with pytest.raises(NoToken):
        token_in(picture(*codes))


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n",
        picture(code(LINK))[:300],
        b"\x89PNG\r\n\x1a\n" + bytes(1000),
        b"\xff\xd8\xff\xe0" + bytes(1000),
    ],
)
def test_a_broken_picture_is_refused(content):
    with pytest.raises(ImageNotReadable):
        token_in(content)


def test_a_picture_of_too_many_points_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(image, "MAX_PIXELS", 1000)

    with pytest.raises(ImageNotReadable, match="×"):
        token_in(picture(code(LINK)))


@pytest.mark.parametrize("size", [(65_536, 2), (2, 65_536), (image.MAX_SIDE + 1, 1)])
def test_a_picture_of_too_long_a_side_is_refused(size):
    with pytest.raises(ImageNotReadable, match="×"):
        token_in(picture_of(size))


def test_what_the_reader_of_codes_does_not_take_is_refused(monkeypatch):
    monkeypatch.setattr(image, "MAX_SIDE", 100_000)

    with pytest.raises(ImageNotReadable, match="65536 × 2"):
        token_in(picture_of((65_536, 2)))


def picture_of(size: tuple[int, int]) -> bytes:
    file = io.BytesIO()
    Image.new("L", size, 255).save(file, "PNG")
    return file.getvalue()


def test_without_its_libraries_it_says_so(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with pytest.raises(ImagesNotSupported):
        token_in(picture(code(LINK)))
