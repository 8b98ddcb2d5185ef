"""The blueprint of this room; its views import it from here."""

from flask import Blueprint

blueprint = Blueprint("school", __name__, url_prefix="/werk")
