"""``open_token``: the one way to a statement."""

from datetime import date

import pytest

from signing import cose
from signing.cose import Envelope, Kind
from signing.errors import (
    AfterKeyEnd,
    BadSignature,
    KeyDistrusted,
    Malformed,
    OutsideKeyRange,
    UnknownKey,
    UnknownVersion,
    WrongKeyKind,
)
from signing.token import SealedToken, honest_digest, open_token, statement_to_be_signed
from tests.vectors import faults
from tests.vectors.world import (
    BASE_TOKENS,
    BURNT,
    DISTRUSTED,
    ENV,
    HONEST,
    ISSUING,
    REPORT,
    STATUS,
    STRANGER,
    statement,
    token,
    trust_keys,
)

TRUST = trust_keys()


def test_a_token_is_made_of_the_bytes_that_were_fixed_first():
    fixed = statement_to_be_signed(statement(), key_id=ISSUING.key_id, environment=ENV)

    made = cose.assemble(
        key_id=ISSUING.key_id, payload=statement().to_bytes(), signature=ISSUING.private.sign(fixed)
    )

    assert made == token(statement())
    assert Envelope.from_bytes(made).signed_bytes(ENV, Kind.CERTIFICATE) == fixed
    assert open_token(made, TRUST) == statement()


@pytest.mark.parametrize("data", BASE_TOKENS.values(), ids=BASE_TOKENS.keys())
def test_a_good_token_opens(data):
    assert open_token(data, TRUST).to_bytes() == Envelope.from_bytes(data).payload


REFUSED = {
    "unknown key": (token(statement(), STRANGER), UnknownKey),
    "another environment": (token(statement(), env="prod"), BadSignature),
    "another kind": (token(statement(), kind=Kind.DECISION), BadSignature),
    "status key": (token(statement(), STATUS), WrongKeyKind),
    "report key": (token(statement(), REPORT), WrongKeyKind),
    "entry beyond the range": (token(statement(30_001)), OutsideKeyRange),
    "a day too late": (token(statement(issued_on=date(2027, 7, 1))), AfterKeyEnd),
    "distrusted": (token(statement(40_101), DISTRUSTED), KeyDistrusted),
    "distrusted without honest list": (token(statement(45_001), BURNT), KeyDistrusted),
    **{name: (data, BadSignature) for name, data in faults.bad_signatures().items()},
    **{name: (data, Malformed) for name, data in faults.BAD_ENVELOPES.items()},
    **{name: (data, UnknownVersion) for name, data in faults.UNKNOWN_VERSIONS.items()},
}


@pytest.mark.parametrize(("data", "refusal"), REFUSED.values(), ids=REFUSED.keys())
def test_a_token_in_doubt_does_not_open(data, refusal):
    with pytest.raises(refusal):
        open_token(data, TRUST)


def test_an_honest_token_of_a_distrusted_key_opens():
    assert open_token(HONEST, TRUST) == statement(40_100)
    assert honest_digest(HONEST) in TRUST.honest[DISTRUSTED.key_id]


def test_a_sealed_token_shows_its_key_id_and_no_claim():
    sealed = SealedToken.from_bytes(token(statement()))

    assert sealed.key_id == ISSUING.key_id
    assert [name for name in dir(sealed) if not name.startswith("_")] == ["from_bytes", "key_id", "open"]


def test_the_refusals_carry_their_evidence():
    with pytest.raises(OutsideKeyRange) as outside:
        open_token(token(statement(30_001)), TRUST)
    with pytest.raises(WrongKeyKind) as kind:
        open_token(token(statement(), REPORT), TRUST)
    with pytest.raises(UnknownKey) as unknown:
        open_token(token(statement(), STRANGER), TRUST)

    assert (outside.value.entry, outside.value.first, outside.value.last) == (30_001, 1, 30_000)
    assert (kind.value.found, kind.value.expected) == ("report", "certificate")
    assert unknown.value.key_id == STRANGER.key_id
