"""What the processes write down about themselves: one JSON object a line, with fields and without people."""

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Moment, level, logger and a constant message; fields given as `extra` follow by name."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info:
            line["exception"] = _where(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _where(error: BaseException | None) -> str:
    """The kinds of error and the places in the code, newest first.

    Never the message: a database repeats the value it refuses in it, and a conversion the text it could not read.
    """
    parts = []
    while error is not None:
        parts.append("".join(traceback.format_tb(error.__traceback__)) + type(error).__qualname__)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(parts)


def logging_config(level: str) -> dict[str, Any]:
    """For `logging.config`, and for Granian, which configures logging anew in each of its processes."""
    handlers = {"handlers": ["lines"], "level": level}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
        "root": handlers,
        "loggers": {"_granian": handlers | {"propagate": False}, "alembic": {"level": "WARNING"}},
    }


def write_logs(level: str) -> None:
    """Begin to write logs to the standard error stream."""
    from logging.config import dictConfig

    dictConfig(logging_config(level))
