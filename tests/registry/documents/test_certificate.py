"""The certificate's PDF: what it says, what it carries, and what it refuses to print."""

import io
import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader

from registry.documents.certificate import DEMO_NOTICE, FONT, TEMPLATE, CertificateView, certificate_pdf
from registry.documents.errors import GlyphMissing, NotTypeset
from registry.documents.glyphs import characters
from registry.documents.qr import qr_matrix, qr_svg

TOKEN = b"\xd2" + bytes(range(125))
QR = qr_svg(qr_matrix("https://dte.example/v#" + str(int.from_bytes(TOKEN))))
VIEW = CertificateView(
    number="S000221000002261000001",
    holder_name="张䶮",
    id_type="居民身份证",
    id_number="11010519491231002X",
    occupation="大数据工程技术人员",
    direction="大数据分析",
    level="初级",
    body="工业和信息化部教育与考试中心",
    issued_on=date(2026, 11, 20),
    query_addresses=("http://www.osta.org.cn", "http://zsgx.mohrss.gov.cn"),
    notice=None,
)
LONG_BODY = "中国某某行业职业能力建设与水平评价某某行业职业能力建设与水平评价中心"


def printed(view: CertificateView) -> PdfReader:
    return PdfReader(io.BytesIO(certificate_pdf(view, token=TOKEN, qr_svg=QR)))


def test_the_proof_of_the_log_is_attached_where_there_is_one():
    pdf = certificate_pdf(VIEW, token=TOKEN, qr_svg=QR, proof=b"c2sp.org/tlog-proof@v1\n")

    attached = PdfReader(io.BytesIO(pdf)).attachments

    assert attached["certificate.tlog-proof"] == [b"c2sp.org/tlog-proof@v1\n"]
    assert attached["token.cbor"] == [TOKEN]


def text_of(reader: PdfReader) -> str:
    """The page's text without white space, which a reader can only guess."""
    return re.sub(r"\s", "", reader.pages[0].extract_text())


def test_it_says_every_field_of_the_sample():
    text = text_of(printed(VIEW))

    assert (
        "本证书由工业和信息化部教育与考试中心颁发，表明持证人通过本机构组织的专业技术等级考核，具备相应专业技术水平。"
        in text
    )
    for said in (
        "专业技术等级证书",
        "姓名张䶮",
        "证件类别居民身份证",
        "证件号码11010519491231002X",
        "职业名称大数据工程技术人员",
        "职业方向大数据分析",
        "专业技术等级初级",
        "证书编号S000221000002261000001",
        "工业和信息化部教育与考试中心发证日期：2026年11月20日",
        "http://www.osta.org.cn",
        "http://zsgx.mohrss.gov.cn",
    ):
        assert said in text


def test_it_is_one_a4_page_in_landscape():
    reader = printed(VIEW)

    assert len(reader.pages) == 1
    box = reader.pages[0].mediabox
    assert (round(box.width / 72 * 25.4), round(box.height / 72 * 25.4)) == (297, 210)


def test_the_token_is_attached_as_it_is():
    assert printed(VIEW).attachments["token.cbor"] == [TOKEN]


def test_it_claims_pdf_a_3a_and_pdf_ua_1_and_its_subject():
    reader = printed(VIEW)
    claims = reader.xmp_metadata.stream.get_data().decode("utf-8")

    assert "<pdfaid:part>3</pdfaid:part>" in claims
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in claims
    assert "<pdfuaid:part>1</pdfuaid:part>" in claims
    assert reader.metadata.title == "专业技术等级证书 S000221000002261000001"
    assert reader.metadata.author == "工业和信息化部教育与考试中心"


def test_the_same_view_and_token_give_the_same_bytes():
    first, second = (certificate_pdf(VIEW, token=TOKEN, qr_svg=QR) for _ in range(2))

    assert first == second


def test_threads_take_turns():
    names = [f"张{character}" for character in "岚骁玥铮彧翀淼喆"]
    with ThreadPoolExecutor(4) as threads:
        readers = threads.map(lambda name: printed(replace(VIEW, holder_name=name)), names)

    assert [name in text_of(reader) for name, reader in zip(names, readers, strict=True)] == [True] * 8


def test_a_certificate_without_direction_shows_a_dash():
    assert "职业方向——专业" in text_of(printed(replace(VIEW, direction=None)))


def test_an_environment_without_legal_effect_says_so_on_both_panels():
    assert text_of(printed(replace(VIEW, notice=DEMO_NOTICE))).count("演示环境·无效力DEMO") == 2
    assert "DEMO" not in text_of(printed(VIEW))


@pytest.mark.parametrize(
    "name",
    [
        "李𬭸",
        "陈䶮𬭸",
        "阿布都热西提江·麦麦提依明·艾合买提江",
        "𬭸䶮" * 28,  # 168 bytes
        "W" * 168,
        "Elin Sandqvist-Moreau",
        "fi ffl -- 'x' \"y\" ...",
    ],
)
def test_a_name_comes_out_as_it_went_in(name):
    reader = printed(replace(VIEW, holder_name=name))

    assert len(reader.pages) == 1
    assert "姓名" + re.sub(r"\s", "", name) + "证件类别" in text_of(reader)


def edge_of_text(reader: PdfReader) -> float:
    """How far right the text reaches at least, in millimetres: a letter here has half an em or more."""
    edges: list[float] = []
    reader.pages[0].extract_text(
        visitor_text=lambda text, user, matrix, font, size: edges.append(
            matrix[4] * user[0] + user[4] + max(map(len, text.split("\n"))) * size * 0.5
        )
    )
    return max(edges) / 72 * 25.4


@pytest.mark.parametrize(
    "view",
    [
        replace(VIEW, holder_name="W" * 168),
        replace(VIEW, holder_name="䶮" * 56),
        replace(VIEW, holder_name="长" + "W" * 165),
        replace(VIEW, id_number="W" * 17, number="W" * 22),
        replace(VIEW, body=LONG_BODY, occupation=LONG_BODY, direction=LONG_BODY),
    ],
)
def test_the_longest_texts_stay_within_the_frame(view):
    reader = printed(view)

    assert len(reader.pages) == 1
    assert edge_of_text(reader) < 156.5 + 132


HOSTILE = [
    "#set page(fill: red)",
    "#panic(1) $x$ *b* _i_ `c` @ref <label>",
    "= 证书\\ // x /* y */",
    "(x) Tj ET endstream endobj",
    "/JS (app.alert(1)) /OpenAction << /S /URI >>",
    "</dc:title><x:y>&amp;]]>",
    "\\u{41}\\",
    "${7*7}{{7*7}}%s%n",
    "=cmd|' /C calc'!A0",
    "https://evil.example/v#1",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_in_a_field_is_only_text(text):
    hostile = replace(
        VIEW,
        holder_name=text,
        id_number=text,
        occupation=text,
        number=text,
        body=text,
        query_addresses=(text,),
    )
    pdf = certificate_pdf(hostile, token=TOKEN, qr_svg=QR)
    reader = PdfReader(io.BytesIO(pdf))

    assert text_of(reader).count(re.sub(r"\s", "", text)) >= 5
    assert reader.metadata.title == f"专业技术等级证书 {text}"
    assert reader.metadata.author == text
    assert "/Annots" not in reader.pages[0]
    assert not {"/OpenAction", "/AA", "/AcroForm"} & set(reader.trailer["/Root"])
    assert set(reader.attachments) == {"token.cbor"}


@pytest.mark.parametrize(
    ("field", "text", "character"),
    [
        ("holder_name", "张𠀉", "𠀉"),
        ("holder_name", "张㐀", "㐀"),
        ("holder_name", "ئابدۇل", "ئ"),
        ("holder_name", "张\ue863", "\ue863"),
        ("holder_name", "张\ue500", "\ue500"),  # the font maps it, but a private character means anything
        ("holder_name", "张\n三", "\n"),
        ("holder_name", "张\u202e三", "\u202e"),
        ("holder_name", "张\u200b三", "\u200b"),
        ("holder_name", "葛\U000e0100", "\U000e0100"),
        ("holder_name", "a\x00b", "\x00"),
        ("body", "中国🏛协会", "🏛"),
        ("direction", "大数据\u0000", "\x00"),
        ("notice", "DEMO🏛", "🏛"),
        ("query_addresses", ("http://a.example", "http://b.example/🏛"), "🏛"),
    ],
)
def test_a_character_that_the_font_can_not_show_is_refused_by_name(field, text, character):
    with pytest.raises(GlyphMissing) as refused:
        certificate_pdf(replace(VIEW, **{field: text}), token=TOKEN, qr_svg=QR)

    assert (refused.value.character, refused.value.field) == (character, field)
    assert f"U+{ord(character):04X}" in str(refused.value)


def test_the_template_uses_no_character_that_the_font_lacks():
    known = characters(FONT)
    wording = [line.split("//")[0] for line in TEMPLATE.read_text(encoding="utf-8").splitlines()]

    assert {
        character
        for line in wording
        for character in line
        if ord(character) not in known and not unicodedata.category(character).startswith("C")
    } == set()


def test_a_qr_that_is_no_image_is_refused():
    with pytest.raises(NotTypeset):
        certificate_pdf(VIEW, token=TOKEN, qr_svg=b"not an image")
