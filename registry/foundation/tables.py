"""The one row of the foundation room."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from registry.database.metadata import Base


class Charter(Base):
    """The environment and a check value of each secret; row 1, written once."""

    __tablename__ = "charter"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    environment: Mapped[str] = mapped_column(String(16))
    data_key_check: Mapped[bytes] = mapped_column(LargeBinary(16))
    lookup_key_check: Mapped[bytes] = mapped_column(LargeBinary(16))
    identity_recipient: Mapped[str] = mapped_column(String(128))
    founded_at: Mapped[datetime]
