"""A database that has taken some of the steps that stand as one now is refused, not left as it is."""

import pytest
from django.core.management import CommandError
from django.db.migrations.recorder import MigrationRecorder

from core.serving.prepare import refuse_between_steps

pytestmark = pytest.mark.django_db
STEPS = MigrationRecorder.Migration.objects
AS_ONE = "0001_squashed_0025_findings_of_reports"


def test_whoever_has_taken_none_or_all_goes_on() -> None:
    refuse_between_steps("default")
    STEPS.filter(app="consults", name=AS_ONE).delete()
    refuse_between_steps("default")
    STEPS.filter(app="consults").delete()
    refuse_between_steps("default")


def test_whoever_stopped_between_them_is_told() -> None:
    STEPS.filter(app="consults", name__in=[AS_ONE, "0025_findings_of_reports"]).delete()
    with pytest.raises(CommandError, match="stopped at 0024_desk_and_rooms of consults"):
        refuse_between_steps("default")
