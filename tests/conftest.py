"""What every test stands on: a data folder of its own, both databases, and the people of the house.

Django's settings make secrets and folders when they load, so the data folder is chosen here, before
pytest-django looks at them; that is why DJANGO_SETTINGS_MODULE stands here and not in pyproject.toml.
"""

import contextlib
import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import tables, tiers
from tests.scratch import in_memory

BEGINS_THE_RUN = tables.SHARED not in os.environ  # workers of pytest-xdist find it there
if BEGINS_THE_RUN:
    os.environ[tables.SHARED] = tempfile.mkdtemp(prefix="rete-run-", dir=in_memory())
DATA = Path(tempfile.mkdtemp(prefix="rete-test-", dir=in_memory()))
os.environ["RETE_DATA"] = str(DATA)
os.environ["RETE_COMPARE_MEANINGS"] = "false"  # a process for every release that is tested
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"

pytest_plugins = ["tests.services"]

COLLECTED = pytest.StashKey[dict[str, list[str]]]()  # id of a test -> its tiers, of all that were found


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run choose its databases: `pytest --database=postgres -m db`."""
    parser.addoption(
        "--database",
        choices=("sqlite", "postgres"),
        default="sqlite",
        help="sqlite (default), or a private Postgres, started for this run; there nothing may be skipped",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the databases. SQLite's are files, so that threads and worker processes of a test see the same one."""
    if config.getoption("database") == "postgres":
        from tests import services

        config.pluginmanager.register(services.OnPostgres(config), "on-postgres")
    from django.conf import settings

    for alias, database in settings.DATABASES.items():
        # Added, not replaced: whoever asked for a connection before has had Django fill in the rest.
        test = database.setdefault("TEST", {})
        if database["ENGINE"].endswith("sqlite3"):
            test["NAME"] = str(DATA / f"test-{alias}.sqlite3")
        if alias == "keys":  # one table, made from its model: all migrations would take half a minute
            test["MIGRATE"] = False
    # The hashed names exist only after collectstatic, which a test run does not need.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    # Argon2 takes its time on purpose; a test that is about that asks for `real_passwords`.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind."""
    shutil.rmtree(DATA, ignore_errors=True)
    if BEGINS_THE_RUN:
        shutil.rmtree(os.environ.pop(tables.SHARED, ""), ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Let each worker of pytest-xdist choose a data folder of its own before its settings load, as this process did."""
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give every test its tier, and both databases to those that may touch one: data keys live in the other."""
    for item in items:
        tier = tiers.tier_of(item)
        item.add_marker(getattr(pytest.mark, tier))
        asked = tiers.DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))
        marker = item.get_closest_marker("django_db")
        if marker is None and not asked:
            continue
        options = dict(marker.kwargs) if marker else {}
        item.add_marker(pytest.mark.django_db(**({"databases": ["default", "keys"]} | options)), append=False)
    if config.getoption("database") == "postgres":
        from tests import services

        services.leave_out(config, items, marker="sqlite_only")
    config.stash[COLLECTED] = {
        item.nodeid: [name for name in tiers.TIERS if item.get_closest_marker(name)] for item in items
    }


@pytest.hookimpl(tryfirst=True)  # before xdist reports the order
def pytest_collection_finish(session: pytest.Session) -> None:
    """Let what takes longest begin first where several workers share the files, and the collector rest.

    Its full rounds over all modules, models and collected tests take a tenth of a run and find nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    if hasattr(session.config, "workerinput"):
        session.items.sort(key=lambda item: tiers.LONGEST_FIRST.index(tiers.tier_of(item)))


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest, django_db_modify_db_settings: None) -> bool:
    """Whether the test databases are there: each is a copy of one that this run has prepared, by its worker's name."""
    from django.conf import settings

    if request.config.getoption("database") == "postgres":
        from tests import services

        server = os.environ["DATABASE_URL"].rpartition("/")[0]
        for alias, database in settings.DATABASES.items():
            name = database["TEST"].get("NAME") or f"test_{database['NAME']}"
            services.copy_database(server, tables.TEMPLATES[alias], name)
    else:
        for alias, database in settings.DATABASES.items():
            shutil.copyfile(tables.prepared() / tables.FILES[alias], database["TEST"]["NAME"])
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """The test databases, and a copy of the rows that migrations wrote (see below)."""
    from django.db import connections

    with django_db_blocker.unblock():
        for connection in connections.all():
            connection._test_serialized_contents = connection.creation.serialize_db_to_string()


@pytest.fixture(scope="session", autouse=True)
def _tables_can_be_emptied_between_tests() -> Iterator[None]:
    """Transactional tests empty every table afterwards, which the triggers of log and forms rightly refuse.

    What migrations wrote (the standard consent form) is put back, so that the order of tests does not matter.
    """
    from django.db import connections
    from django.test import TransactionTestCase

    from audit import triggers
    from consent.forms import triggers as form_triggers

    emptied = TransactionTestCase._fixture_teardown

    def to_the_migrated_state(case: TransactionTestCase) -> None:
        triggers.drop(connections["default"])
        form_triggers.drop(connections["default"])
        case.serialized_rollback = True
        try:
            emptied(case)
            for alias in case._databases_names(include_mirrors=False):
                connection = connections[alias]
                connection.creation.deserialize_db_from_string(connection._test_serialized_contents)
        finally:
            triggers.create(connections["default"])
            form_triggers.create(connections["default"])

    TransactionTestCase._fixture_teardown = to_the_migrated_state
    yield
    TransactionTestCase._fixture_teardown = emptied


@pytest.fixture(scope="session", autouse=True)
def _no_request_decodes_a_picture() -> Iterator[None]:
    """Fail every test in which a web request decodes a picture: that is a job's work, in the sandbox."""
    from tests import decoding

    with decoding.forbidden_in_requests():
        yield


@pytest.fixture(autouse=True)
def _empty_what_was_touched() -> Iterator[None]:
    """No test finds the pictures, mails or counters of another."""
    yield
    from django.conf import settings

    for name in ("objects", "mail", "queue/messages"):
        folder = DATA / name
        with contextlib.suppress(FileNotFoundError):
            touched = next(os.scandir(folder), None)
            if touched is not None:
                shutil.rmtree(folder)
                folder.mkdir(mode=0o700)
    settings.LOG_HEADS_FILE.unlink(missing_ok=True)  # heads of a log that is gone with the test


@pytest.fixture
def real_passwords(settings: Any) -> None:
    """Ask for this to have passwords hashed as in production."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]


@pytest.fixture
def no_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for this to have nothing counted: the tables of counts answer with an error."""
    from django.db import DatabaseError, connections, models

    from core import counts, database_cache

    class Away(models.Manager):
        def get_queryset(self) -> models.QuerySet:
            raise DatabaseError("away")

    def cursor() -> None:
        raise DatabaseError("away")

    for module in (counts, database_cache):
        away = SimpleNamespace(ops=connections["default"].ops, cursor=cursor)
        monkeypatch.setattr(module, "connections", {"default": away})
    for model in (counts.Count, counts.CacheEntry):
        monkeypatch.setattr(model, "objects", Away())


@pytest.fixture
def data_dir() -> Path:
    """settings.DATA_DIR of this test run."""
    return DATA


@pytest.fixture(autouse=True)
def _english_to_begin_with() -> Iterator[None]:
    """A request in another language leaves it behind in the thread: no test speaks the language of the one before."""
    from django.conf import settings
    from django.utils import translation

    with translation.override(settings.LANGUAGE_CODE):
        yield


# --- People (tests/factories.py says who they are). Signing in: `sign_in(alice).get("/")`.


def _person(name: str) -> Callable[..., object]:
    @pytest.fixture(name=name)
    def person(db: None) -> object:
        from tests import factories

        return factories.person(name)

    return person


applicant = _person("applicant")
alice = _person("alice")
bob = _person("bob")
resident = _person("resident")
physician = _person("physician")
nurse = _person("nurse")
student = _person("student")
mod1 = _person("mod1")
mod2 = _person("mod2")
officer = _person("officer")
admin = _person("admin")
suspended = _person("suspended")
lapsed = _person("lapsed")


@pytest.fixture
def outsider() -> object:
    """Somebody without an account."""
    from django.contrib.auth.models import AnonymousUser

    return AnonymousUser()


@pytest.fixture(autouse=True)
def _forced_logins_give_a_factor(monkeypatch: pytest.MonkeyPatch) -> None:
    """`Client.force_login` is a whole sign-in, with the second factor; tests of factors sign in by the pages."""
    from django.test import Client

    from tests.factors import give_factor

    forced = Client.force_login

    def whole(client: Client, user: Any, backend: str | None = None) -> None:
        forced(client, user, backend)
        give_factor(client, user)

    monkeypatch.setattr(Client, "force_login", whole)


@pytest.fixture
def sign_in(db: None) -> Callable[[object], object]:
    """`sign_in(member)` gives a test client with that member's session; an outsider's has none."""
    from django.test import Client

    def client_of(member: object) -> Client:
        client = Client()
        if member.is_authenticated:
            client.force_login(member)
        return client

    return client_of


@pytest.fixture
def sign_in_again(db: None) -> Callable[[object], object]:
    """`sign_in_again(member)` gives a client that has just reauthenticated, as votes and suspensions need."""
    from django.test import Client

    from tests.factors import give_factor

    def client_of(member: object) -> Client:
        client = Client()
        client.force_login(member)
        give_factor(client, member, again=True)
        return client

    return client_of


@pytest.fixture
def run_jobs(db: None) -> Callable[[], int]:
    """`run_jobs()` does all waiting work in this process, as the worker would."""
    from core import jobs

    return jobs.run_waiting
