"""Who may not learn where a child is: to them nothing names the school (requirements 6.1)."""

from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, exists
from sqlalchemy.orm import aliased

from parentportal.models.authority import Authority


def place_is_hidden(
    board_id: UUID | SQLColumnExpression[UUID], adult_id: UUID | SQLColumnExpression[UUID]
) -> ColumnElement[bool]:
    """Whether the place of any child is secret to this adult, as a condition; of one child it holds for all."""
    flagged = aliased(Authority)
    return exists().where(flagged.board_id == board_id, flagged.adult_id == adult_id, flagged.no_location)
