"""Gunicorn's log, redacted like Django's."""

import datetime
from typing import Any

from gunicorn.glogging import Logger

from core.logs import RedactingFilter, route_of

# Of gunicorn's parts: times, status, sizes, process. Not the visitor's address, agent, referer, user or headers.
_HARMLESS = frozenset(("l", "t", "m", "s", "B", "b", "H", "T", "D", "M", "L", "p"))


class RedactingLogger(Logger):
    """Logger without request lines, and with errors without content."""

    def setup(self, cfg: Any) -> None:
        """Set up gunicorn's handlers and add the filter to them."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.addFilter(RedactingFilter())

    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: datetime.timedelta) -> dict[str, Any]:
        """Return the parts of an access line: the route instead of the path, and no word that a visitor chose.

        Access lines are off unless an operator asks gunicorn for them; whatever format they choose, the parts are ours.
        """
        route = route_of(environ.get("PATH_INFO", ""))
        said = super().atoms(resp, req, environ, request_time)
        kept = {name: value for name, value in said.items() if name in _HARMLESS}
        return kept | {"r": f"{environ.get('REQUEST_METHOD', '')} {route}", "U": route}
