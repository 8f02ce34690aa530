"""What Postgres stores in its own way: ids looked for by their first digits, packed ids, counted recalls."""

import subprocess
import sys
from pathlib import Path

from tests.audit.test_postgres import ROOT, environment

SUITES = {
    "tests/consults/test_consent_audit.py": "queries_do_not_grow",
    "tests/consults/test_audit_pages.py": "more_of_the_filter or paging",
    "tests/consults/test_audit_kept.py": "remembers or marks or paged",
    "tests/consults/test_audit_command.py": "command_keeps",
}


def test_the_audit_on_postgres(postgres_url: str, tmp_path: Path) -> None:
    chosen = " or ".join(SUITES.values())
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *SUITES, "-k", chosen]
    where = environment(postgres_url, tmp_path)
    done = subprocess.run(command, cwd=ROOT, env=where, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout[-5000:]
