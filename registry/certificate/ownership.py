"""Whose a certificate is: its number says it, by the series that it was given in.

So it is told of every number that was ever given, also where the submission behind it was lost, or its result was set
free for another number.
"""

from contextlib import suppress

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy.orm import InstrumentedAttribute

from registry.directory.errors import FieldMisfit
from registry.directory.profiles import Profiles


def series_of_body(key: InstrumentedAttribute[str], issuer: str, profiles: Profiles) -> ColumnElement[bool]:
    """Return the condition that a series key is one of this body's, under any profile."""
    beginnings = []
    for profile in profiles.by_code.values():
        with suppress(FieldMisfit):
            beginnings.append(profile.series_beginning(issuer))
    return or_(false(), *(key.startswith(beginning, autoescape=True) for beginning in beginnings))
