"""The blueprint of this room; its views import it from here."""

from flask import Blueprint

blueprint = Blueprint("oversight", __name__, url_prefix="/toezicht")
