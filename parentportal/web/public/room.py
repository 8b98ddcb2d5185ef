"""The blueprint of this room; its views import it from here."""

from flask import Blueprint

blueprint = Blueprint("public", __name__)
