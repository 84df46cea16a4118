"""Structured logs. One request id runs through page run, API call, action, audit entry, event and job."""

import logging
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from core.kernel.settings import settings


def new_request_id() -> str:
    """26 characters, unguessable, safe in a header and in a URL."""
    return secrets.token_hex(13)


def current_request_id() -> str | None:
    """The request id bound in this thread or task, if any."""
    return structlog.contextvars.get_contextvars().get("request_id")


@contextmanager
def bound(**values: Any) -> Iterator[None]:
    """Adds values to every log line within."""
    with structlog.contextvars.bound_contextvars(**values):
        yield


def get_logger() -> Any:
    return structlog.get_logger()


def configure(process: str) -> None:
    """Sends structlog and the standard library's loggers to standard error: JSON in production, text at a terminal."""
    chosen = settings()
    as_json = (chosen.log_format or ("json" if chosen.environment == "production" else "console")) == "json"
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    ending: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        without_locals = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        ending += [structlog.processors.ExceptionRenderer(without_locals), structlog.processors.JSONRenderer()]
    else:
        # Plain, for local variables of a trace may hold passwords and tokens; and it costs a hundredth of a drawn one.
        traces = structlog.dev.plain_traceback
        ending += [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=traces)]
    handler = logging.StreamHandler()
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=ending))
    root = logging.getLogger()
    root.handlers, root.level = [handler], getattr(logging, chosen.log_level)
    structlog.contextvars.bind_contextvars(process=process)
