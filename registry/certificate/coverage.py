"""What the events of the certificate room vouch for."""

from collections.abc import Iterable
from itertools import chain
from typing import Any

from registry.certificate.tables import Certificate, Entry, Epoch, Series
from registry.journal.row_digest import digest_rows, values_of


def series_digest(series: Series) -> bytes:
    """Return the digest of ``open_series``."""
    return digest_rows(values_of(Series, [series]))


def epoch_digest(epoch: Epoch) -> bytes:
    """Return the digest of ``open_epoch``."""
    return digest_rows(values_of(Epoch, [epoch]))


def numbered_digest(certificates: Iterable[Any], entries: Iterable[Any]) -> bytes:
    """Return the digest of a run of ``number``: the certificates it made, by first entry, then all its entries.

    Rows may be stored ones, or mappings that are to be inserted.
    """
    return digest_rows(chain(values_of(Certificate, certificates), values_of(Entry, entries)))
