"""All that a body reads and asks of its own, behind the same door."""

from typing import Final

from flask_smorest import Blueprint

from registry.api.own_certificates import own_certificates
from registry.api.own_changes import own_changes
from registry.api.own_requests import own_requests
from registry.api.own_standing import own_standing
from registry.api.own_submissions import own_submissions

OWN: Final[tuple[Blueprint, ...]] = (
    own_submissions,
    own_certificates,
    own_requests,
    own_changes,
    own_standing,
)
