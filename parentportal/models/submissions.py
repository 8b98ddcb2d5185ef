"""Forms that were handed in: a second tap or a resend of the same form is the same act."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped

from parentportal.models.base import Base
from parentportal.models.privacy import key, system


class Submission(Base):
    """The key that a rendered form carried, who handed it in, and where the answer of that act is."""

    __tablename__ = "submission"

    id: Mapped[UUID] = key(primary_key=True)
    owner: Mapped[str] = system()
    endpoint: Mapped[str] = system()
    location: Mapped[str] = system()
    at: Mapped[datetime] = system()
