"""What is shipped to run the site larger names things that exist, and numbers that agree with the settings."""

import contextlib
import http.client
import itertools
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.utils.module_loading import import_string

from core.management.commands import serve
from core.urgency import DESTRUCTION_QUEUE
from tests.scratch import ROOT
from tests.services import free_port

PROXY = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
HEALTH = "/healthz/"
OPTIONS = ("--worker-class", "--logger-class", "--workers", "--threads")


needs_nginx = pytest.mark.skipif(shutil.which("nginx") is None, reason="asks nginx itself")


def options(command: list[str]) -> dict[str, str]:
    """The options of gunicorn in a command."""
    return {name: value for name, value in itertools.pairwise(command) if name in OPTIONS}


def embedded() -> dict[str, str]:
    (web,) = [child for child in serve._children(bind="127.0.0.1", port=8000) if child.name == "web server"]
    return options(web.command)


def test_the_same_web_server_everywhere() -> None:
    compose = options(shlex.split(COMPOSE["services"]["web"]["command"][-1]))
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8").partition("CMD [")[2]
    assert compose == embedded() == options(re.findall(r'"([^"]+)"', image))
    for name in ("--worker-class", "--logger-class"):
        assert import_string(compose[name])


def test_destruction_has_a_worker_in_compose_too() -> None:
    commands = [str(service.get("command", "")) for service in COMPOSE["services"].values()]
    assert sum(f"--queues {DESTRUCTION_QUEUE} " in command for command in commands) == 1


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert [name for name, service in COMPOSE["services"].items() if "ports" in service] == ["proxy"]


def test_what_stays_out_of_the_image() -> None:
    left_out = set((ROOT / ".dockerignore").read_text(encoding="utf-8").split())
    assert {".git", "tests", "bench", "secrets", "var"} <= left_out


def test_the_proxy_takes_what_the_site_takes() -> None:
    sizes = [int(size) * 1024 * 1024 for size in re.findall(r"client_max_body_size (\d+)m;", PROXY)]
    assert sizes == [settings.BODY_MAX_BYTES, settings.BODY_MAX_BYTES_SIGNED_IN]


def nginx_of_our_own(tmp_path: Path) -> tuple[Path, int, int]:
    """Write our configuration with a certificate, and with free ports for plain and for TLS."""
    subject = ["-subj", "/CN=localhost", "-keyout", tmp_path / "key", "-out", tmp_path / "certificate"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject], check=True, timeout=60)
    own = PROXY.replace("web:8000", f"127.0.0.1:{free_port()}").replace("/tmp/", f"{tmp_path}/")
    own = own.replace("/run/secrets/tls_certificate", str(tmp_path / "certificate"))
    own = own.replace("/run/secrets/tls_key", str(tmp_path / "key"))
    plain, tls = free_port(), free_port()
    own = own.replace("listen 8080", f"listen 127.0.0.1:{plain}").replace("listen 8443", f"listen 127.0.0.1:{tls}")
    (tmp_path / "nginx.conf").write_text(own, encoding="utf-8")
    return tmp_path / "nginx.conf", plain, tls


@needs_nginx
def test_nginx_takes_the_configuration(tmp_path: Path) -> None:
    written, _plain, _tls = nginx_of_our_own(tmp_path)
    done = subprocess.run(["nginx", "-t", "-c", written], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def running_nginx(written: Path, port: int) -> Iterator[None]:
    with subprocess.Popen(["nginx", "-c", written, "-g", "daemon off;"], stderr=subprocess.DEVNULL) as nginx:
        try:
            for _try in range(200):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.05)
            yield
        finally:
            nginx.terminate()


def asked(connection: http.client.HTTPConnection, method: str, path: str) -> http.client.HTTPResponse:
    connection.request(method, path)
    answer = connection.getresponse()
    answer.read()
    return answer


@needs_nginx
def test_answers_of_the_proxy_alone(tmp_path: Path) -> None:
    """While the site is away: TLS of today, headers, no TRACE; in the clear nothing but the way to TLS."""
    written, plain, tls = nginx_of_our_own(tmp_path)
    trusting = ssl._create_unverified_context()  # noqa: S323 - a certificate of this test's own
    with running_nginx(written, tls):
        secure = http.client.HTTPSConnection("127.0.0.1", tls, context=trusting, timeout=10)
        away = asked(secure, "GET", "/")
        assert (away.status, away.getheader("Strict-Transport-Security")) == (
            502,
            "max-age=31536000; includeSubDomains; preload",
        )
        assert away.getheader("X-Content-Type-Options") == "nosniff"
        assert "frame-ancestors 'none'" in (away.getheader("Content-Security-Policy") or "")
        assert asked(secure, "TRACE", "/").status == 405
        clear = [
            asked(http.client.HTTPConnection("127.0.0.1", plain, timeout=10), "GET", path) for path in ("/", HEALTH)
        ]
        assert [(one.status, one.getheader("Location")) for one in clear] == [(301, "https://127.0.0.1/"), (404, None)]
        for cipher in ("AES128-SHA", "ECDHE-RSA-AES128-SHA256", "AES128-GCM-SHA256"):
            weak = ssl._create_unverified_context()  # noqa: S323
            weak.maximum_version = ssl.TLSVersion.TLSv1_2
            weak.set_ciphers(cipher)
            with pytest.raises(ssl.SSLError), socket.create_connection(("127.0.0.1", tls), 10) as opened:
                weak.wrap_socket(opened)
