"""A real worker that dies in the middle of a job: the job is not lost and is not done twice."""

import os
import signal
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.instance import WORKER, Instance, wait_until

JOB = ("-I", "tests.core.slow_job", "--loglevel", "WARNING", "--without-gossip", "--without-mingle")
ENQUEUE = "import uuid; from core.jobs import enqueue; enqueue(kind='tests.slow', subject=uuid.UUID('{}'))"


@pytest.fixture(params=["files", "redis"])
def instance(request: pytest.FixtureRequest, tmp_path: Path, prepared: Path) -> Iterator[Instance]:
    broker = {"REDIS_URL": request.getfixturevalue("redis_url")} if request.param == "redis" else {}
    house = Instance(tmp_path, SLOW_JOB_FOLDER=str(tmp_path), **broker)
    house.begin_as(prepared)
    yield house
    house.stop()


def job_row(instance: Instance) -> tuple[object, ...]:
    return instance.rows("SELECT state, attempts FROM core_job")[0]


def test_killed_worker_resumes(instance: Instance, tmp_path: Path) -> None:
    worker = instance.start(*WORKER, *JOB)
    instance.manage("shell", "-v0", "-c", ENQUEUE.format(uuid.uuid4()))
    wait_until((tmp_path / "begun-1").exists, what="the job begins")
    assert job_row(instance) == ("running", 1)
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    assert job_row(instance) == ("running", 1)

    # A minute passes: the dead worker's lease runs out.
    instance.rows("UPDATE core_job SET lease_until = datetime('now', '-1 seconds')")
    (tmp_path / "may-end").touch()
    instance.start(*WORKER, *JOB)
    wait_until(lambda: job_row(instance)[0] == "done", what="the job is done")
    assert job_row(instance) == ("done", 2)
    assert sorted(path.name for path in tmp_path.glob("*ed-*")) == ["ended-2"]
    assert len(list(tmp_path.glob("begun-*"))) == 2
