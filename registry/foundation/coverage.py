"""What the event of the founding vouches for."""

from registry.foundation.tables import Charter
from registry.journal.row_digest import digest_rows, values_of


def charter_digest(charter: Charter) -> bytes:
    """Return the digest of ``found``."""
    return digest_rows(values_of(Charter, [charter]))
