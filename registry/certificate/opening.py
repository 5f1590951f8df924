"""Opening a series: a registrar's signed word, kept with the series and shown to the signer with every number in it.

A deliberate act, a year ahead: an empty database must not start a second series by itself, and the signer, which reads
no database, must not take one for open that nobody opened.
"""

from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from sqlalchemy.orm import Session

from keys.holder_key import HolderKey
from registry.certificate.coverage import series_digest
from registry.certificate.errors import OpeningNotGenuine
from registry.certificate.numbering import Scope
from registry.certificate.tables import Series
from registry.directory.errors import FieldMisfit
from registry.directory.profiles import NumberProfile
from registry.journal.currency import require_up_to_date
from registry.journal.record import record
from registry.people.accounts import Purpose, signatory
from registry.people.permission import NATIONAL, Act, Actor, require
from signing.cose import Envelope, Kind
from signing.errors import SigningError
from signing.series import SeriesOpening, open_opening

OPEN: Final = "open_series"
SIGN: Final = "sign_series"
"""The opening of a series that was there without one."""


def sign_opening(
    key: HolderKey, profile: NumberProfile, scope: Scope, *, environment: str, now: datetime
) -> bytes:
    """Return a registrar's signed word that a series is open; nothing is stored.

    Raises ``FieldMisfit`` for a scope that the profile's widths can not hold.
    """
    opening = SeriesOpening(
        profile=profile.code,
        parts=tuple(scope.fields(profile).items()),
        issuer=scope.issuer,
        site=scope.site,
        province=scope.province,
        year=scope.year,
        level=scope.level,
        opened_at=now.astimezone(UTC).replace(microsecond=0),
    )
    return key.sign_claim(opening.to_bytes(), kind=Kind.SERIES, environment=environment, detached=False)


def open_series(
    session: Session, actor: Actor, profile: NumberProfile, signed: bytes, *, environment: str, now: datetime
) -> bool:
    """Open a series at 0, or give the opening that it lacks to one that came out of a restore.

    Returns whether anything was opened: a series that is open stays as it is. Raises ``NotPermitted``,
    ``RegisterOutdated``, ``UnknownKey``, ``KeyNotValid``, or ``OpeningNotGenuine`` if the signature does not hold, it
    is of another profile, or the signer would find no series in it.
    """
    require(actor, Act.OPEN_SERIES, scope=NATIONAL)
    require_up_to_date(session)
    opening = read_opening(session, signed, environment=environment, now=now)
    if opening.profile != profile.code:
        raise OpeningNotGenuine(f"it is of profile {opening.profile}, numbers are given by {profile.code}")
    _require_series(opening, profile)
    key = series_key_of(opening)
    stored = session.get(Series, key, with_for_update=True)
    if stored is not None and stored.opening is not None:
        return False
    series = stored or Series(
        key=key, profile=profile.code, issued=0, opened_at=now, opened_by=actor.account_id, opening=None
    )
    series.opening = signed
    session.add(series)
    act = OPEN if stored is None else SIGN
    digest = series_digest(series) if stored is None else None
    told = {"opening": sha256(signed).hexdigest()}
    record(session, act, f"series:{key}", at=now, by=actor.account_id, digest=digest, **told)
    return True


def _require_series(opening: SeriesOpening, profile: NumberProfile) -> None:
    """Refuse an opening that the signer could not count, or whose parts say another body, site, year or level."""
    scope = Scope(opening.issuer, opening.province, opening.site, opening.year, opening.level)
    try:
        opening.key(profile.layout)
        parts = scope.fields(profile)
    except (SigningError, FieldMisfit) as error:
        raise OpeningNotGenuine(str(error)) from None
    if parts != dict(opening.parts):
        raise OpeningNotGenuine("its parts are not those of its body, province, site, year and level")


def read_opening(session: Session, signed: bytes, *, environment: str, now: datetime) -> SeriesOpening:
    """Return what an enrolled registrar signed. Raises ``UnknownKey``, ``KeyNotValid`` or ``OpeningNotGenuine``."""
    try:
        signer = signatory(session, Envelope.from_bytes(signed).key_id, Purpose.SERIES, now=now)
        require(signer.actor, Act.OPEN_SERIES, scope=NATIONAL)
        return open_opening(signed, signer.public_key, environment)
    except SigningError as error:
        raise OpeningNotGenuine(str(error)) from None


def series_key_of(opening: SeriesOpening) -> str:
    """Return the key that the register has for the series: the profile's code, then the fields' texts."""
    return ":".join([str(opening.profile), *(text for _, text in opening.parts)])
