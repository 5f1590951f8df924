"""One photo: what is taken, what is refused and why, and that nothing but the picture is left of it."""

import hashlib
import io

import pytest
from PIL import Image

from registry.photo.errors import PhotoRefused
from registry.photo.photo import TYPICAL_BYTES, photo_of, plain_photo
from tests.registry.photo import pictures
from tests.registry.photo.corpus import CORPUS
from tests.registry.photo.pictures import CANARY, encoded, exif, jpeg, pixel_of, png

TAKEN = [name for name, (_, code) in CORPUS.items() if code is None]
REFUSED = [name for name, (_, code) in CORPUS.items() if code is not None]


@pytest.mark.parametrize("name", TAKEN)
def test_a_photo_is_taken_and_nothing_but_the_picture_is_left(name):
    data = CORPUS[name][0]()

    photo = plain_photo(data)

    assert CANARY not in photo.jpeg
    assert hashlib.sha256(photo.jpeg).digest() == photo.digest
    with Image.open(io.BytesIO(photo.jpeg)) as image:
        image.load()
        assert (image.mode, image.size, image.format) == ("RGB", (photo.width, photo.height), "JPEG")
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert 295 <= photo.width <= 590
    assert 413 <= photo.height <= 826


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_photo_is_refused(name):
    make, code = CORPUS[name]
    data = make()

    with pytest.raises(PhotoRefused) as refusal:
        plain_photo(data)

    assert refusal.value.code == code
    assert refusal.value.message
    assert refusal.value.remedy
    assert "{" not in refusal.value.message


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("a GIF", "GIF"),
        ("a BMP", "BMP"),
        ("a TIFF", "TIFF"),
        ("a WebP", "WebP"),
        ("a JPEG 2000", "JPEG 2000"),
        ("an AVIF", "AVIF"),
        ("a HEIC", "HEIC"),
        ("an SVG", "SVG"),
        ("a zip", "ZIP"),
        ("a PDF before a JPEG", "PDF"),
        ("a text", "未知格式"),
    ],
)
def test_another_format_is_called_by_its_name(name, seen):
    with pytest.raises(PhotoRefused) as refusal:
        plain_photo(CORPUS[name][0]())

    assert seen in refusal.value.message


def test_every_cut_of_a_photo_is_refused():
    for data in (jpeg(), png()):
        for length in range(0, len(data), 97):
            with pytest.raises(PhotoRefused):
                plain_photo(data[:length])


@pytest.mark.parametrize("make", [jpeg, png, lambda: jpeg(progressive=True), lambda: png(mode="P")])
def test_a_flipped_byte_is_refused_or_leaves_a_photo(make):
    data = make()
    for place in range(0, len(data), 61):
        spoilt = bytearray(data)
        spoilt[place] ^= 0x5A
        try:
            photo = plain_photo(bytes(spoilt))
        except PhotoRefused:
            continue
        assert photo_of(photo.jpeg) == photo


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_photo_is_turned_upright(orientation, kind):
    turned = pictures.portrait((700, 980))
    # The file holds the picture as the camera did: turned back by what Exif says is to be done.
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    if orientation > 1:
        turned = turned.transpose(undo[orientation])
    data = encoded(turned, kind, exif=exif(orientation, more=b""))

    photo = plain_photo(data)

    assert (photo.width, photo.height) == (590, 826)
    red, green, blue = pixel_of(photo.jpeg, 0.05, 0.05)
    assert red > 110 > 60 > max(green, blue)


def test_an_orientation_that_there_is_not_changes_nothing():
    assert plain_photo(jpeg(exif=exif(9))) == plain_photo(jpeg())


def test_what_is_transparent_lies_on_white_paper():
    image = pictures.portrait(mode="RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))

    photo = plain_photo(encoded(image, "PNG"))

    assert min(pixel_of(photo.jpeg, 0.5, 0.01)) > 245
    assert pixel_of(photo.jpeg, 0.5, 0.97)[2] < 140


@pytest.mark.parametrize(
    "name",
    ["16 bits of grey", "16 bits of colour", "16 bits with alpha", "16 bits of grey with alpha"],
)
def test_16_bits_are_scaled_not_cut_off(name):
    photo = plain_photo(CORPUS[name][0]())

    assert min(pixel_of(photo.jpeg, 0.5, 0.2)) > 240
    assert max(pixel_of(photo.jpeg, 0.5, 0.8)) < 15


def test_cmyk_shows_the_colours_that_were_meant():
    photo = plain_photo(jpeg(mode="CMYK", quality=95))

    for seen, meant in zip(pixel_of(photo.jpeg, 0.95, 0.05), (200, 220, 245), strict=True):
        assert abs(seen - meant) < 12


def test_a_profile_is_applied():
    """A grey photo whose profile is linear light is seen brighter than one without: 90 of 255 is 159 in sRGB."""
    data = encoded(Image.linear_gradient("L").resize(pictures.TWO_INCH), quality=95)
    tagged = pictures.after_start(data, *pictures.profile_segments(pictures.linear_grey_profile()))

    before, after = (pixel_of(plain_photo(each).jpeg, 0.5, 0.35)[0] for each in (data, tagged))

    linear = before / 255
    assert abs(after - 255 * (1.055 * linear ** (1 / 2.4) - 0.055)) < 4


def test_noise_stays_small_and_a_common_photo_smaller():
    worst = plain_photo(encoded(pictures.noise((600, 840)), quality=70))
    common = plain_photo(jpeg((1000, 1400), quality=90))

    assert len(worst.jpeg) < 400_000
    assert len(common.jpeg) <= TYPICAL_BYTES


def test_the_same_file_gives_the_same_bytes():
    assert plain_photo(jpeg()) == plain_photo(jpeg())


def test_what_is_kept_can_be_taken_again():
    photo = plain_photo(jpeg((1000, 1400)))

    again = plain_photo(photo.jpeg)

    assert (again.width, again.height) == (photo.width, photo.height)


def test_what_is_not_of_the_form_that_is_kept_is_not_believed():
    kept = plain_photo(jpeg()).jpeg
    assert photo_of(kept).jpeg == kept
    for other in (
        kept + b"x",
        pictures.after_start(kept, pictures.segment(0xFE, CANARY)),
        jpeg(progressive=True),
        jpeg((700, 980)),
        jpeg(exif=exif(3)),
        b"",
    ):
        with pytest.raises(PhotoRefused):
            photo_of(other)


def test_an_error_does_not_tell_what_came():
    with pytest.raises(PhotoRefused) as refusal:
        plain_photo(b"110105194912310021")

    assert "1101" not in f"{refusal.value} {refusal.value!r} {refusal.value.message}"
