"""The signer whose key stays in an HSM: the token signs, and what it signed is verified here as everywhere.

A token can err, and what speaks for it on the way (a driver, a network) can lie; neither becomes a certificate.
"""

from __future__ import annotations

from keys.signer.file_signer import VerifyingSigner


class HsmSigner(VerifyingSigner):
    """Signs with a key that this process can use and not read."""

    __slots__ = ()
