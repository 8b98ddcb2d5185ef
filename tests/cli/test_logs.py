"""What a log line holds: where something went wrong, never what somebody typed (control U06)."""

import json
import logging

from parentportal.cli.logs import JsonLines


def test_a_log_line_names_the_error_and_the_place_but_not_its_message() -> None:
    try:
        try:
            int("Sem Bakker")
        except ValueError as error:
            raise RuntimeError("sem.bakker@voorbeeld.example already exists") from error
    except RuntimeError as error:
        record = logging.LogRecord(
            "portal", logging.ERROR, __file__, 1, "unexpected error", None, (type(error), error, error.__traceback__)
        )
    line = json.loads(JsonLines().format(record))
    assert "RuntimeError" in line["exception"]
    assert "ValueError" in line["exception"]
    assert "test_logs.py" in line["exception"]
    told = (
        line["exception"]
        .replace('int("Sem Bakker")', "")
        .replace('raise RuntimeError("sem.bakker@voorbeeld.example already exists") from error', "")
    )
    assert "Bakker" not in told
    assert "voorbeeld" not in told
