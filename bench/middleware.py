"""What each middleware costs, on a public page, a member's page and for a picture, in an empty database of its own.

    python -m bench.middleware              milliseconds of CPU of each, without what it passes the request on to

The last line, `view`, is what remains: the address, the view, its queries and its template.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.race import database

Handler = Callable[..., Any]


class Clock:
    """CPU seconds by middleware, each without those that it contains."""

    def __init__(self) -> None:
        self.own: Counter[str] = Counter()
        self.depth = 0

    def timed(self, name: str, work: Handler, *, inside: str = "") -> Handler:
        """Count the time of `work` for `name`, and take it away from `inside`, which calls it ("" for the view)."""

        def measured(*arguments: Any, **named: Any) -> Any:
            self.depth += 1
            began = time.thread_time()
            try:
                return work(*arguments, **named)
            finally:
                self.depth -= 1
                took = time.thread_time() - began
                self.own[name] += took
                if self.depth:  # nothing contains the first
                    self.own[inside] -= took

        return measured

    def around(self, path: str, factory: Handler) -> Handler:
        """Return a factory of this middleware that is measured."""
        name = path.rsplit(".", 1)[1]

        def make(get_response: Handler) -> Any:
            made = factory(self.timed("", get_response, inside=name))
            outer = self.timed(name, made)

            class Measured:
                def __call__(self, request: Any) -> Any:
                    return outer(request)

                def __getattr__(self, attribute: str) -> Any:
                    found = getattr(made, attribute)
                    return clock.timed(name, found, inside="") if attribute.startswith("process_") else found

            clock = self
            return Measured()

        return make


def measure(address: str, *, member: Any, runs: int) -> Counter[str]:
    """Milliseconds of one request by middleware."""
    from django.core.handlers import base
    from django.test import Client

    from tests.factors import give_factor

    clock, find = Clock(), base.import_string
    base.import_string = lambda path: clock.around(path, find(path))  # type: ignore[assignment]
    try:
        client = Client()
        if member is not None:
            client.force_login(member)
            give_factor(client, member)
        for run in range(runs + 3):
            if run == 3:  # warm
                clock.own.clear()
            assert client.get(address).status_code == 200, address
    finally:
        base.import_string = find  # type: ignore[assignment]
    clock.own["view"] = clock.own.pop("", 0.0)
    return Counter({name: 1000 * seconds / runs for name, seconds in clock.own.items()})


def run(*, runs: int) -> None:
    """Print a table of the middleware and the three kinds of requests."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.urls import reverse

    from imaging.models import Rendition
    from tests import factories
    from tests.consults import reading
    from tests.consults.new_case import JPEG

    call_command("prepare")
    settings.ALLOWED_HOSTS = ["testserver"]
    member = factories.person("bob")
    reading.case(title="A case", data=JPEG)
    picture = Rendition.objects.filter(name="thumbnail").get()
    pages = {
        "public": (reverse("privacy"), None),
        "member": (reverse("consults:cases"), member),
        "picture": (reverse("consults:picture", args=[picture.pk]), member),
    }
    found = {name: measure(address, member=who, runs=runs) for name, (address, who) in pages.items()}
    print(f"{'ms of CPU':34}" + "".join(f"{name:>10}" for name in found))
    for name in (*(path.rsplit(".", 1)[1] for path in settings.MIDDLEWARE), "view"):
        print(f"{name:34}" + "".join(f"{column[name]:10.3f}" for column in found.values()))
    print(f"{'in all':34}" + "".join(f"{sum(column.values()):10.3f}" for column in found.values()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rete-middleware-") as folder:
        Path(folder).chmod(0o700)
        with database(sqlite=True, folder=Path(folder)):
            run(runs=wanted.runs)
    return 0


if __name__ == "__main__":
    sys.exit(main())
