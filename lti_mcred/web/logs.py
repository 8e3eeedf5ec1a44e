"""Logs for operators: every line with the reference of its request, as text or as JSON.

No query and no token ever stands in a line: a registration's query holds one, and the path of a file opens it. Words
from outside stay inside their line: what would end it, hide or turn it around is written as its number.
"""

import logging
import logging.config
from typing import Any

from flask import g, has_request_context

from lti_mcred.settings import Settings
from lti_mcred.web.typed import escaped

_TEXT = "%(asctime)s %(levelname)s %(name)s %(request_id)s: %(message)s"
_JSON = "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s"


class WithReference(logging.Filter):
    """Gives each record the reference of the request that it belongs to, "-" outside of one."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a record."""
        record.request_id = g.get("request_id", "-") if has_request_context() else "-"
        return True


class OneLine(logging.Formatter):
    """Text lines whose words from outside cannot begin another one; what follows, of a traceback, is set in."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name in logging
        """Return the line, escaped."""
        return escaped(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name in logging
        """Return the traceback, each line of it set in."""
        return _set_in(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - the name in logging
        """Return where it was logged, each line set in."""
        return _set_in(super().formatStack(stack_info))


def _set_in(text: str) -> str:
    return "\n".join(f"  {escaped(line)}" for line in text.split("\n"))


def logging_config(settings: Settings) -> dict[str, Any]:
    """Return the configuration for logging.config.dictConfig, for gunicorn as well."""
    json = {
        "()": "pythonjsonlogger.json.JsonFormatter",
        "format": _JSON,
        "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
    }
    text = {"()": "lti_mcred.web.logs.OneLine", "fmt": _TEXT}
    quieter = "INFO" if settings.log_level.upper() == "DEBUG" else settings.log_level
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"reference": {"()": "lti_mcred.web.logs.WithReference"}},
        "formatters": {"chosen": json if settings.log_format == "json" else text},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "chosen", "filters": ["reference"]}},
        "root": {"level": settings.log_level, "handlers": ["stderr"]},
        "loggers": {
            # These write whole addresses, and a registration's has a token in it: the first at DEBUG, the second when
            # an answer has a header that cannot be read.
            "urllib3": {"level": quieter},
            "urllib3.connection": {"level": "ERROR"},
            "gunicorn.error": {"level": quieter, "handlers": [], "propagate": True},
            "gunicorn.access": {"handlers": [], "propagate": False},
        },
    }


def only_what_is_written() -> None:
    """Spare each record what no format of ours names: thread, process, and the line of code (Logging HOWTO)."""
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None


def init_logs(settings: Settings) -> None:
    """Configure logging unless somebody has done so."""
    if not logging.getLogger().handlers:
        logging.config.dictConfig(logging_config(settings))
    logging.getLogger("urllib3").setLevel(logging.INFO)
    logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
