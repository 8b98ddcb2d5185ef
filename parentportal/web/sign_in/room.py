"""The blueprint of this room; its views import it from here."""

from flask import Blueprint

blueprint = Blueprint("sign_in", __name__)
