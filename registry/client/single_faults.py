"""Certificates are fetched one after the other: is a fault about one of them, or would it meet the next one too?

A refusal says which it is. A failure (500) does not: it is about one as long as another comes between.
"""

from typing import Final

from registry.client.errors import InDoubt, Refused

ABOUT_ONE: Final = (404, 409)
"""Answers that are about one certificate: its token, its glyphs, its status."""
MOST_IN_A_ROW: Final = 3
"""At so many certificates in a row the register does not fail by what is wrong with one of them."""


class SingleFaults:
    """What befell the certificates so far."""

    def __init__(self) -> None:
        self._failures_in_a_row = 0

    def none(self) -> None:
        """Take note of a certificate that was had."""
        self._failures_in_a_row = 0

    def reason(self, fault: Refused | InDoubt) -> str:
        """Return the code of a fault that is about one certificate; raise another."""
        if isinstance(fault, Refused):
            if fault.status not in ABOUT_ONE:
                raise fault
            return fault.code
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= MOST_IN_A_ROW:
            raise fault
        return fault.code
