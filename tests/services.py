"""Real services for tests: a private Postgres and a private Redis on free ports in a temporary folder.

Where a program is missing the tests that need it are skipped with the reason; with CI=true that is an error.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tables
from tests.scratch import in_memory

START_SECONDS = 30


def in_ci() -> bool:
    """Whether nothing may be skipped."""
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def missing(what: str) -> None:
    """Skip the test, or fail it in CI."""
    if in_ci():
        pytest.fail(f"{what} is not installed, and in CI nothing may be skipped")
    pytest.skip(f"{what} is not installed")


def free_port() -> int:
    """A port on loopback that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return when something listens on `port`. Raises RuntimeError when `process` ends before that."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"nothing answered on port {port} within {START_SECONDS} s")


def postgres_programs() -> Path | None:
    """The folder of the newest initdb and postgres."""
    beside_path = shutil.which("initdb")
    candidates = [Path(beside_path).parent] if beside_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    return next((path for path in candidates if (path / "initdb").exists() and (path / "postgres").exists()), None)


def _unprivileged() -> tuple[list[str], int | None]:
    """A prefix that runs a command as somebody who is not root, because Postgres refuses root; and who."""
    if os.geteuid() != 0:
        return [], None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            if shutil.which("setpriv"):
                return (
                    ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"],
                    user.pw_uid,
                )
            if shutil.which("runuser"):
                return ["runuser", "-u", name, "--"], user.pw_uid
    missing("setpriv or runuser, to start Postgres as somebody who is not root,")
    raise AssertionError("unreachable")


@contextlib.contextmanager
def private_postgres(folder: Path, *options: str, begun_as: Path | None = None) -> Iterator[str]:
    """postgres://…/rete of a server of our own in `folder`, with a database `keys` too; `options` are settings.

    Both are empty, or what they were in the folder of another server that this one begins as a copy of.
    """
    programs = postgres_programs()
    if programs is None:
        missing("Postgres")
        raise AssertionError("unreachable")
    prefix, owner = _unprivileged()
    if owner is not None:
        os.chown(folder, owner, -1)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(folder)}
    data = folder / "data"
    if begun_as is None:
        command = [*prefix, programs / "initdb", "-D", data, "-U", "rete", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(command, check=True, capture_output=True, env=environment, cwd="/")
    else:
        subprocess.run(["cp", "-a", begun_as, data], check=True)
    port = free_port()
    settings = [word for option in options for word in ("-c", option)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [
                *prefix,
                programs / "postgres",
                *("-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-F"),
                *settings,
            ],
            stdout=log,
            stderr=log,
            env=environment,
            cwd="/",
        )
        try:
            wait_for_port(port, server)
            make_databases(f"postgres://rete@127.0.0.1:{port}/postgres", ("rete", "keys") if begun_as is None else ())
            yield f"postgres://rete@127.0.0.1:{port}/rete"
        finally:
            server.send_signal(signal.SIGINT)  # does not wait for pools that are still connected
            server.wait(timeout=START_SECONDS)


class OnPostgres:
    """The run of `--database=postgres`: a private server for it and its xdist workers, and no test that is skipped."""

    def __init__(self, config: pytest.Config) -> None:
        self._open = contextlib.ExitStack()
        self._skipped: list[str] = []
        if hasattr(config, "workerinput"):
            return  # the environment of the process that started this one says where the server is
        if postgres_programs() is None:
            if in_ci():
                raise pytest.UsageError("Postgres is not installed, and in CI nothing may be skipped")
            pytest.exit("Postgres is not installed: nothing was run on it", returncode=0)
        folder = Path(tempfile.mkdtemp(prefix="rete-postgres-", dir=in_memory()))
        self._open.callback(shutil.rmtree, folder, ignore_errors=True)
        quick = ("synchronous_commit=off", "full_page_writes=off")
        url = self._open.enter_context(private_postgres(folder, *quick, begun_as=tables.prepared_cluster()))
        config.add_cleanup(self._open.close)
        os.environ.update(databases_of(url))

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember what was skipped."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self._skipped.append(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the run where a test was skipped."""
        if self._skipped and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which tests were skipped."""
        for test in self._skipped:
            terminalreporter.write_line(f"SKIPPED on Postgres, where nothing may be: {test}", red=True)


def leave_out(config: pytest.Config, items: list[pytest.Item], *, marker: str) -> None:
    """Deselect the tests that carry this marker."""
    out = [item for item in items if item.get_closest_marker(marker)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if not item.get_closest_marker(marker)]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """postgres://… of a server of our own; its databases are `rete` and `keys`, with their tables."""
    folder = Path(tempfile.mkdtemp(prefix="rete-postgres-", dir="/tmp"))
    try:
        with private_postgres(folder, begun_as=tables.prepared_cluster()) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def prepared() -> Path:
    """A data folder that `manage.py prepare` made: whoever copies it has its tables and static files already."""
    return tables.prepared()


def databases_of(url: str) -> dict[str, str]:
    """The settings that name both databases of the server of `url`."""
    return {"DATABASE_URL": url, "KEYS_DATABASE_URL": url.rsplit("/", 1)[0] + "/keys"}


def make_databases(url: str, names: tuple[str, ...]) -> None:
    """Make empty databases on the server of `url`, waiting until it takes connections."""
    import psycopg

    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                for name in names:
                    connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def copy_database(server: str, template: str, name: str) -> None:
    """Make a copy of a database to which nobody is connected, on the server of this address (without a database)."""
    import psycopg

    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')  # type: ignore[arg-type]


@contextlib.contextmanager
def private_redis(folder: Path) -> Iterator[str]:
    """redis://… of a server of our own in `folder`, which writes to disk only when asked to (SAVE)."""
    program = shutil.which("redis-server")
    if program is None:
        missing("Redis")
        raise AssertionError("unreachable")
    port = free_port()
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for_port(port, server)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(timeout=START_SECONDS)


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """redis://… of a server of our own, without persistence."""
    folder = Path(tempfile.mkdtemp(prefix="rete-redis-"))
    try:
        with private_redis(folder) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)
