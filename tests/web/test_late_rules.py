"""Routes that learn to write their addresses when the first one is asked for."""

from unittest.mock import patch

from flask import Flask, url_for
from werkzeug.routing import Rule

from parentportal.app import create_app
from parentportal.db import Database
from parentportal.outside.clock import FrozenClock
from parentportal.settings import Settings


def test_a_start_works_out_no_address_and_the_first_that_is_asked_for_works_out_one(
    settings: Settings, database: Database, clock: FrozenClock
) -> None:
    with patch.object(Rule, "_compile_builder", autospec=True, side_effect=Rule._compile_builder) as worked_out:
        app = create_app(settings, database=database, clock=clock)
        assert worked_out.call_count == 0
        with app.test_request_context():
            assert url_for("sign_in.start") == url_for("sign_in.start") == "/inloggen"
        assert worked_out.call_count == 1


def test_addresses_are_written_as_by_any_other_rule(app: Flask) -> None:
    with app.test_request_context():
        assert url_for("public.choose_language", language="en", naar="/hulp") == "/taal/en?naar=/hulp"
        assert url_for("sign_in.activate_with", code="AB cd") == "/activeren/AB%20cd"
