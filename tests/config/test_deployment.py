"""What is shipped to run the site larger names things that exist, and numbers that agree with the settings."""

import itertools
import re
import shlex
import shutil
import subprocess
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
OPTIONS = ("--worker-class", "--logger-class", "--workers", "--threads")


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


def test_the_proxy_takes_what_the_site_takes() -> None:
    sizes = [int(size) * 1024 * 1024 for size in re.findall(r"client_max_body_size (\d+)m;", PROXY)]
    assert sizes == [settings.BODY_MAX_BYTES, settings.BODY_MAX_BYTES_SIGNED_IN]


@pytest.mark.skipif(shutil.which("nginx") is None, reason="asks nginx itself")
def test_nginx_takes_the_configuration(tmp_path: Path) -> None:
    subject = ["-subj", "/CN=localhost", "-keyout", tmp_path / "key", "-out", tmp_path / "certificate"]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject], check=True, timeout=60)
    own = PROXY.replace("web:8000", f"127.0.0.1:{free_port()}").replace("/tmp/", f"{tmp_path}/")
    own = own.replace("/run/secrets/tls_certificate", str(tmp_path / "certificate"))
    own = own.replace("/run/secrets/tls_key", str(tmp_path / "key"))
    (tmp_path / "nginx.conf").write_text(own, encoding="utf-8")
    done = subprocess.run(["nginx", "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
