"""The blueprint of this room; its views import it from here."""

from flask import Blueprint

blueprint = Blueprint("security", __name__, url_prefix="/beveiliging")
