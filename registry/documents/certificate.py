"""The certificate as a PDF: one A4 page with the statement, the fields, the QR and the token.

The fields are those of the reference sample (参考样式) in 辽人社发〔2023〕36号 附件4, but for the photo;
the sample gives no page size or font for this certificate, so the arrangement is ours. The file is PDF/A-3a
and PDF/UA-1, carries the token as the attachment ``token.cbor``, and is the same byte for byte whenever it
is made again from the same view, token and proof.

It is a rendering. That its words agree with its token is the duty of whoever makes the view, and whether it
is valid only the token tells: no seal and no PDF signature is put on here.
"""

import json
import threading
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path

import typst

from registry.documents.errors import NotTypeset
from registry.documents.glyphs import characters, require_glyphs

TEMPLATE = Path(__file__).with_name("certificate.typ")
FONT = Path(__file__).parent.parent / "data" / "fonts" / "LXGWWenKai-Regular.ttf"
NO_DIRECTION = "——"
DEMO_NOTICE = "演示环境 · 无效力 DEMO"


@dataclass(frozen=True, slots=True)
class CertificateView:
    """What the page says, as a holder reads it: names, not codes.

    ``direction`` is None where the occupation has none, and a dash is printed (附件4 注3). ``notice`` is the
    line that an environment without legal effect must show (``DEMO_NOTICE``); None in production.
    ``issued_on`` is the civil date 发证日期.
    """

    number: str
    holder_name: str
    id_type: str
    id_number: str
    occupation: str
    direction: str | None
    level: str
    body: str
    issued_on: date
    query_addresses: tuple[str, ...]
    notice: str | None


def certificate_pdf(
    view: CertificateView, *, token: bytes, qr_svg: bytes, proof: bytes | None = None
) -> bytes:
    """Set a certificate as a PDF, ``qr_svg`` being its token's QR with quiet zone (see ``qr.qr_svg``).

    ``proof`` is that of the public log (C2SP ``tlog-proof``), attached as ``certificate.tlog-proof``.

    Raises ``GlyphMissing`` for a character that the font can not show, ``FontUnusable`` without the font, and
    ``NotTypeset`` if the typesetter refuses. Safe to call from several threads; they take turns.
    """
    press = _press()
    _require_glyphs(view, press.characters)
    attached = {"token": list(token), "proof": None if proof is None else list(proof)}
    content = _content(view) | attached | {"qr": qr_svg.decode("utf-8")}
    return press.print(json.dumps(content), made_at=datetime.combine(view.issued_on, time(), UTC))


class _Press:
    """One typesetter with its template and font, kept because starting one costs as much as fifty pages."""

    def __init__(self) -> None:
        self.characters = characters(FONT)
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONT.parent]
        )
        # The root keeps the template from reading any file but its neighbours.
        self._compiler = typst.Compiler(
            TEMPLATE, root=TEMPLATE.parent, font_paths=fonts, ignore_system_fonts=True
        )
        # The compiler refuses a second caller while it works ("already borrowed").
        self._turn = threading.Lock()

    def print(self, content: str, *, made_at: datetime) -> bytes:
        with self._turn:
            try:
                pdf = self._compiler.compile(
                    format="pdf",
                    sys_inputs={"certificate": content},
                    pdf_standards=["a-3a", "ua-1"],
                    timestamp=made_at,
                )
            except typst.TypstError as error:
                raise NotTypeset(error.message) from error
        if not isinstance(pdf, bytes):
            raise NotTypeset("more than one file came out")
        return pdf


@cache
def _press() -> _Press:
    return _Press()


def _require_glyphs(view: CertificateView, known: frozenset[int]) -> None:
    for field in fields(view):
        value = getattr(view, field.name)
        texts = value if isinstance(value, tuple) else (value,)
        for text in texts:
            if isinstance(text, str):
                require_glyphs(text, known, field=field.name)


def _content(view: CertificateView) -> dict[str, object]:
    """Lay the view out for the template; the date also in parts, for the document's own data."""
    day = view.issued_on
    return {
        "number": view.number,
        "holder_name": view.holder_name,
        "id_type": view.id_type,
        "id_number": view.id_number,
        "occupation": view.occupation,
        "direction": NO_DIRECTION if view.direction is None else view.direction,
        "level": view.level,
        "body": view.body,
        "issued_on": {"year": day.year, "month": day.month, "day": day.day},
        "issued_on_text": f"{day.year}年{day.month}月{day.day}日",
        "query_addresses": list(view.query_addresses),
        "notice": view.notice,
    }
