"""A mail server that takes connections and never says a word must not hold up a destruction."""

import contextlib
import socket
import threading
from collections.abc import Iterator

from bench.attack import Finding
from bench.attack.plant import keys_destroyed_after, publish, withdraw
from bench.attack.site import Site

CASES, COMMENTS = 6, 5  # each case that goes is told to its author and to those who commented on it
LIMIT_SECONDS = 15.0
PATIENCE_SECONDS = 60.0


def attack(site: Site) -> list[Finding]:
    """Withdraw several cases whose notices nobody takes; wait for the keys of the last one."""
    with silent_server() as port:
        site.restart(
            RETE_MAIL="django.core.mail.backends.smtp.EmailBackend", SMTP_HOST="127.0.0.1", SMTP_PORT=str(port)
        )
        made = publish(site, cases=CASES, comments=COMMENTS)
        for case in made:
            withdraw(site.visitor(), code=case["code"])
        took = keys_destroyed_after(site, consent=made[-1]["consent"], seconds=PATIENCE_SECONDS)
        # The mails must have been under way: otherwise nothing was proved.
        waiting = site.rows("SELECT count(*) FROM core_job WHERE kind = 'case.tell_gone' AND state <> 'done'")[0][0]
    return [
        Finding("silent_mail: keys destroyed", f"{took:.1f} s", f"< {LIMIT_SECONDS:g} s", took < LIMIT_SECONDS),
        Finding("silent_mail: notices that still wait", str(waiting), "> 0, or nothing is proved", waiting > 0),
    ]


@contextlib.contextmanager
def silent_server() -> Iterator[int]:
    """Listen on a free port, take every connection, answer none."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    taken.append(server.accept()[0])

        threading.Thread(target=take, daemon=True).start()
        try:
            yield int(server.getsockname()[1])
        finally:
            for connection in taken:
                connection.close()
