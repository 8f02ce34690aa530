"""Gunicorn's log, redacted like Django's."""

from typing import Any

from gunicorn.glogging import Logger

from core.logs import RedactingFilter


class RedactingLogger(Logger):
    """Logger without request lines, and with errors without content."""

    def setup(self, cfg: Any) -> None:
        """Set up gunicorn's handlers and add the filter to them."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.addFilter(RedactingFilter())
