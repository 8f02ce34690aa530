"""Programs run inside the site's data folder by one process: every line of its input is one, as JSON.

Starting Django once a program would cost more than most of the programs do.
"""

import contextlib
import io
import json
import sys
import traceback

import django


def answer(program: str) -> dict[str, str]:
    """What this program printed, and how it failed, if it did."""
    from django.db import connections

    printed = io.StringIO()
    failed = ""
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile(program, "<program>", "exec"), {"__name__": "program"})  # noqa: S102 - the tests' own words
        except Exception:  # noqa: BLE001 - whatever it is, the test that asked says so
            failed = traceback.format_exc()
        finally:
            connections.close_all()
    return {"printed": printed.getvalue(), "failed": failed}


if __name__ == "__main__":
    django.setup()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()
