"""Logs: one JSON object a line, for programs; readable lines where a person has a terminal.

JSON is ASCII with all control characters escaped, so nothing that a client sends can begin a line of
its own or change a terminal.
"""

import sys
from typing import Any

import structlog


def without_colours(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Uvicorn says its lines a second time, with colours."""
    event.pop("color_message", None)
    return event


BEFORE: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    without_colours,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
]
JSON: list[Any] = [
    structlog.processors.format_exc_info,
    structlog.processors.EventRenamer("message"),
    structlog.processors.JSONRenderer(ensure_ascii=True),
]


def formatter() -> structlog.stdlib.ProcessorFormatter:
    """The format of every line; the standard library's configuration calls it by name."""
    is_terminal = sys.stderr.isatty()
    rendered: list[Any] = [structlog.dev.ConsoleRenderer()] if is_terminal else JSON
    drop = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=BEFORE, processors=[drop, *rendered]
    )


LOG_CONFIG: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "app.telemetry.logs.formatter"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "lines",
            "stream": "ext://sys.stderr",
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"app": {"level": "INFO"}, "uvicorn": {"level": "INFO"}},
}
