"""The register's own signer, which verifies what it signs and keeps a journal, beside bare signing.

Measured by the clock, not in CPU time, because it waits for the disk once in a batch.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.comparison import Rate, compare, rate_of
from bench.report import Floor, Report
from bench.tokens import ENVIRONMENT, make_statement, make_trust
from keys.signer.certificate_signer import CertificateSigner
from keys.signer.file_signer import FileSigner
from keys.signer.journal import SignerJournal
from signing.statement import Statement
from signing.token import statement_to_be_signed
from signing.trust import TrustKeys

BATCH = 1000
REPEATS = 9


def measure() -> Report:
    """Measure whole batches against signing alone, and against signing and verifying."""
    private = Ed25519PrivateKey.generate()
    trust = make_trust(private)
    fresh = _fresh_batches(trust)
    with _signer(private, trust) as signer:
        floor = _count_fsyncs(lambda: signer.sign_many(next(fresh)))
        compared = [
            compare(
                f"the register's signer, batches of {BATCH:,}",
                lambda: _rate(signer, next(fresh)),
                against=against,
                baseline=_bare(private, next(fresh), verify=verify),
                unit="/s",
                repeats=REPEATS,
            )
            for against, verify in (("sign the bytes", False), ("sign and verify the bytes", True))
        ]
    return Report("Signer", compared, [floor])


@contextmanager
def _signer(private: Ed25519PrivateKey, trust: TrustKeys) -> Iterator[CertificateSigner]:
    public = private.public_key().public_bytes_raw()
    with TemporaryDirectory(prefix="certreg-bench-") as folder:
        journal = SignerJournal.create(Path(folder) / "signer" / "journal")
        yield CertificateSigner(FileSigner(private, public), journal, trust)
        journal.close()


def _fresh_batches(trust: TrustKeys) -> Iterator[list[bytes]]:
    """Yield batches of statements never signed before: the journal writes only what is new to it."""
    (key_id,) = trust.keys
    for start in count(1, BATCH):
        statements: list[Statement] = [make_statement(serial) for serial in range(start, start + BATCH)]
        yield [statement_to_be_signed(item, key_id=key_id, environment=ENVIRONMENT) for item in statements]


def _rate(signer: CertificateSigner, batch: list[bytes]) -> float:
    return rate_of(lambda: signer.sign_many(batch), count=BATCH)


def _bare(private: Ed25519PrivateKey, batch: list[bytes], *, verify: bool) -> Rate:
    public = private.public_key()

    def work() -> None:
        for data in batch:
            signature = private.sign(data)
            if verify:
                public.verify(signature, data)

    return lambda: rate_of(work, count=BATCH)


def _count_fsyncs(act: Callable[[], object]) -> Floor:
    """Do the act and say how often it waited for the disk."""
    real = os.fsync
    waits = []

    def counting(descriptor: int) -> None:
        waits.append(descriptor)
        real(descriptor)

    os.fsync = counting  # type: ignore[assignment]
    try:
        act()
    finally:
        os.fsync = real
    return Floor(
        f"sign {BATCH:,} statements",
        f"{BATCH:,} signatures, 1 fsync",
        f"{BATCH:,} signatures, {BATCH:,} verifications, {2 * BATCH:,} SHA-256, {len(waits)} fsync",
    )
