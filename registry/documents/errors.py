"""Refusals of the documents room.

RegistryError
└── DocumentError
    ├── NotQrText      the text is not a prefix ending in '#' and digits, or does not fit a symbol
    ├── TooSmall       the symbol does not fit the wanted size in whole dots
    ├── GlyphMissing   the font can not show a character of the text
    ├── FontUnusable   the font file is absent, or its character map can not be read
    └── NotTypeset     the typesetter refused the document
"""

from registry.errors import RegistryError


class DocumentError(RegistryError):
    """A document can not be made as asked."""


class NotQrText(DocumentError):
    """The text has not the form of a QR text, or is too long for a symbol."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"not a QR text: {problem}")
        self.problem = problem


class TooSmall(DocumentError):
    """Not even one whole dot per module fits the wanted size."""

    def __init__(self, *, modules: int, dpi: int, within_mm: float) -> None:
        super().__init__(f"{modules} modules do not fit {within_mm} mm in whole dots at {dpi} dpi")
        self.modules = modules
        self.dpi = dpi
        self.within_mm = within_mm


class GlyphMissing(DocumentError):
    """The font can not show a character; a box in its place would be a wrong name."""

    def __init__(self, character: str, *, field: str) -> None:
        super().__init__(f"the font has no glyph for U+{ord(character):04X} in {field}")
        self.character = character
        self.field = field


class FontUnusable(DocumentError):
    """The font file is absent, or is none that can be read."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"font {path}: {problem}")
        self.path = path
        self.problem = problem


class NotTypeset(DocumentError):
    """The typesetter refused the document: a fault of the template or of its data."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"the document was not typeset: {problem}")
        self.problem = problem
