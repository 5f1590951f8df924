"""What a holder gets: token, QR, PDF, JSON and proof of one certificate, all made from the same signed bytes."""

import json
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.assessment.tables import Result
from registry.certificate.errors import UnknownNumber
from registry.certificate.lifecycle import Status
from registry.certificate.tables import Certificate, Entry, EntryCounter
from registry.documents.certificate import DEMO_NOTICE, CertificateView, certificate_pdf
from registry.documents.qr import largest_whole_dots, printed_mm, qr_matrix, qr_png, qr_svg
from registry.documents.terms import ID_TYPES, LEVELS
from registry.holder.errors import NothingToMake
from registry.holder.own_certificates import OwnToken, verified
from registry.holder.proofs import HolderProofs
from registry.installation import Installation
from registry.publication.names import Names, load_names
from registry.settings import PRODUCTION
from signing.id_check import IdType
from signing.link import qr_text
from signing.log.note import encode_base64
from signing.log.proof import SUFFIX
from signing.statement import Statement
from signing.trust import TrustKeys

DPI = 300
CARD_MM = 20.0
QUERY_ADDRESSES = ("http://www.osta.org.cn", "http://zsgx.mohrss.gov.cn")
"""As the reference sample names them (辽人社发〔2023〕36号 附件4, read through its scanning damage)."""


@dataclass(frozen=True, slots=True)
class HolderFiles:
    """The files of one certificate, as bytes; ``proof`` is that of the public log, ``None`` in a register without."""

    number: str
    token: bytes
    qr_svg: bytes
    qr_png: bytes
    pdf: bytes
    proof: bytes | None

    def write(self, folder: Path) -> Path:
        """Write them into ``folder/NUMBER``, which nobody else may enter; return that folder."""
        target = folder / self.number
        # Names and ID numbers: for the operator alone, until he hands them out. The folder above may be anybody's.
        target.mkdir(parents=True, exist_ok=True)
        target.chmod(0o700)
        (target / "token.cbor").write_bytes(self.token)
        (target / "qr.svg").write_bytes(self.qr_svg)
        (target / "qr.png").write_bytes(self.qr_png)
        (target / "certificate.pdf").write_bytes(self.pdf)
        (target / "certificate.json").write_bytes(self.json)
        if self.proof is not None:
            (target / f"certificate{SUFFIX}").write_bytes(self.proof)
        return target

    @property
    def json(self) -> bytes:
        """The certificate for programs (formats.md §14): number, token in base 64, the lines of the proof."""
        proof = None if self.proof is None else self.proof.decode()
        content = {"number": self.number, "token": encode_base64(self.token), "proof": proof}
        return json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n"


def names_of(installation: Installation) -> Names:
    """Return the directory's names, to be used for many certificates."""
    layouts = {profile.code: profile for profile in installation.profiles.layouts}
    return installation.sessions.read(lambda session: load_names(session, layouts))


@dataclass(frozen=True, slots=True)
class Holdings:
    """The released certificates: the numbers of those that files can be made of, in the order of their entries.

    A restore may have kept others ``without_token`` (numbers that nobody knows among them), or, after their tokens came
    back, ``without_submission``: counts.
    """

    numbers: tuple[str, ...]
    without_token: int
    without_submission: int


def holdings(session: Session) -> Holdings:
    """Return what people hold now."""
    query = select(Certificate.number, Entry.token.is_not(None), Entry.result_id.is_not(None))
    released = query.outerjoin_from(Entry, Certificate).where(Entry.status == Status.RELEASED)
    found = session.execute(released.order_by(Entry.entry)).all()
    whole = tuple(number for number, token, result in found if token and result)
    without_token = sum(not token for _, token, _ in found)
    return Holdings(whole, without_token, len(found) - len(whole) - without_token)


def last_entry(session: Session) -> int:
    """Return the last entry given."""
    return session.scalar(select(EntryCounter.last)) or 0


def numbers_after(session: Session, entry: int) -> list[str]:
    """Return the numbers of the entries given after this one, in their order."""
    query = select(Certificate.number).join(Entry).where(Entry.entry > entry)
    return list(session.scalars(query.order_by(Entry.entry)))


def holder_files(
    installation: Installation,
    names: Names,
    trust: TrustKeys,
    number: str,
    *,
    proofs: HolderProofs | None = None,
) -> HolderFiles:
    """Make the files of the released version of a certificate, all from its verified token, its proof with them.

    Raises ``UnknownNumber`` if there is none, ``NothingToMake`` if it came back from a restore without its token or its
    submission, ``TokenUnusable`` if the stored token does not verify, ``LogRefused`` if the log does not show it.
    """
    held, result = installation.sessions.read(lambda session: _released(session, number))
    return _made_of(installation, names, trust, held, result, proofs=proofs)


def files_of_entry(installation: Installation, names: Names, trust: TrustKeys, held: OwnToken) -> HolderFiles:
    """Make the files of an entry whose token is in hand, whatever has become of it since; without its proof.

    Raises what ``holder_files`` raises.
    """
    query = select(Result).join(Entry, Entry.result_id == Result.id).where(Entry.entry == held.entry)
    result = installation.sessions.read(lambda session: session.scalars(query).one_or_none())
    if result is None:
        raise NothingToMake(held.number, has_token=True)
    return _made_of(installation, names, trust, held, result, proofs=None)


def _made_of(
    installation: Installation,
    names: Names,
    trust: TrustKeys,
    held: OwnToken,
    result: Result,
    *,
    proofs: HolderProofs | None,
) -> HolderFiles:
    statement, token, number = verified(held, trust), held.token, held.number
    qr = qr_files(installation.settings.qr_prefix, token)
    proof = None if proofs is None else proofs.of(token, statement.entry)
    view = _view(installation, names, number, statement, result)
    return HolderFiles(
        number=number,
        token=token,
        qr_svg=qr.svg,
        qr_png=qr.png,
        pdf=certificate_pdf(view, token=token, qr_svg=qr.svg, proof=proof),
        proof=proof,
    )


@dataclass(frozen=True, slots=True)
class QrFiles:
    """The QR of a token, for print and for a screen."""

    svg: bytes
    png: bytes


def qr_files(prefix: str, token: bytes) -> QrFiles:
    """Return the QR of a token as it is printed: as large as the social-security card has room for, in whole dots."""
    matrix = qr_matrix(qr_text(prefix, token))
    dots = largest_whole_dots(matrix, dpi=DPI, within_mm=CARD_MM)
    svg = qr_svg(matrix, width_mm=printed_mm(matrix, dpi=DPI, dots_per_module=dots))
    return QrFiles(svg, qr_png(matrix, dpi=DPI, dots_per_module=dots))


def _released(session: Session, number: str) -> tuple[OwnToken, Result]:
    query = (
        select(Entry.entry, Entry.token, Result)
        .join(Certificate, Certificate.id == Entry.certificate_id)
        .outerjoin(Result, Result.id == Entry.result_id)
        .where(Certificate.number == number, Entry.status == Status.RELEASED)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise UnknownNumber(number)
    entry, token, result = row
    if token is None or result is None:
        raise NothingToMake(number, has_token=token is not None)
    return OwnToken(number, entry, token), result


def _view(
    installation: Installation, names: Names, number: str, statement: Statement, result: Result
) -> CertificateView:
    id_number = installation.personal.sealer.open(result.sealed_id_number, place=f"result:{result.id}")
    return CertificateView(
        number=number,
        holder_name=statement.holder_name,
        id_type=ID_TYPES[IdType(result.id_type)],
        id_number=id_number.decode(),
        occupation=names.occupation(statement.occupation),
        direction=names.direction(statement.direction),
        level=LEVELS[statement.level],
        body=names.issuer(statement.number),
        issued_on=statement.issued_on,
        query_addresses=QUERY_ADDRESSES,
        notice=None if installation.settings.environment == PRODUCTION else DEMO_NOTICE,
    )
