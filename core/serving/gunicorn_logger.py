"""Gunicorn's log, held to the same rule as Django's."""

from typing import Any

from gunicorn.glogging import Logger

from core.logs import NoContent


class WebLog(Logger):
    """No request lines, and errors without content."""

    def setup(self, cfg: Any) -> None:
        """Put the filter on what gunicorn set up."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.addFilter(NoContent())
