"""`manage.py jobs`."""

import uuid
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core import jobs
from core.models import Job


def output(*arguments: str) -> str:
    out = StringIO()
    call_command("jobs", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_lists_parked_jobs_and_retries_one() -> None:
    assert output() == "No job is parked.\n"
    job = jobs.enqueue(kind="tests.nobody", subject=uuid.uuid4())
    jobs.run_waiting()
    assert f"{job.id}  tests.nobody  subject {job.subject}  NoHandler" in output()
    assert output("--retry", str(job.id)) == "Queued again.\n"
    assert Job.objects.get().state == Job.State.QUEUED
    with pytest.raises(CommandError, match="not parked"):
        output("--retry", str(job.id))
