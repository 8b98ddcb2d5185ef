"""The blueprint of this room; its views import it from here."""

from flask import Blueprint

from parentportal.web.sign_in.browser import keep_device_token

blueprint = Blueprint("sign_in", __name__)
blueprint.after_request(keep_device_token)
