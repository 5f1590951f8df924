"""Refusals of the register. Each room draws its own branch in its ``errors.py``.

    RegistryError
    ├── DatabaseError       registry/database/errors.py
    └── SettingsError       registry/settings.py

Errors are inert: they log nothing, know no HTTP, and carry the evidence. Their text never holds personal data
or a secret.
"""


class RegistryError(Exception):
    """The register refuses, and says why."""
