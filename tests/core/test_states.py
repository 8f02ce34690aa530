"""The state machines of the product: each table is drawn in the docs, and nothing else moves a state."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model

from accounts.appointments.states import APPOINTMENT
from accounts.leaving.states import EXPORT, LEAVING
from accounts.membership.states import STANDING
from accounts.membership.supervision.states import SUPERVISION
from accounts.membership.suspension.states import SUSPENSION
from accounts.membership.yearly.states import CHECK
from accounts.profiles.states import PORTRAIT
from accounts.security.recovery.states import RECOVERY
from accounts.vetting.rechecks.states import RECHECK
from accounts.vetting.states import APPLICATION, EVIDENCE
from consent.records.states import CONSENT
from consults.cases.gate.holding import CASE_HOLD
from consults.cases.states import CASE
from consults.discussion.terms.deciding import TERM
from consults.groups.rooms.moderating import POST_HOLD
from consults.groups.states import ADMISSION, PROPOSAL
from consults.moderation.concerns.states import CONCERN
from consults.moderation.hiding import COMMENT_HOLD
from core import states
from core.jobs.queue import JOB
from core.states import MACHINES, Machine, Moved, transitioned
from imaging.states import PHOTO
from tests import factories
from tests.packages import PACKAGES, ROOT

ALL = {
    "admission": ADMISSION,
    "application": APPLICATION,
    "appointment": APPOINTMENT,
    "case": CASE,
    "case_hold": CASE_HOLD,
    "comment_hold": COMMENT_HOLD,
    "concern": CONCERN,
    "consent": CONSENT,
    "data_export": EXPORT,
    "evidence": EVIDENCE,
    "job": JOB,
    "member": STANDING,
    "leaving": LEAVING,
    "photo": PHOTO,
    "recheck": RECHECK,
    "portrait": PORTRAIT,
    "post_hold": POST_HOLD,
    "recovery": RECOVERY,
    "supervision": SUPERVISION,
    "suspension": SUSPENSION,
    "yearly_check": CHECK,
    "proposal": PROPOSAL,
    "proposed_term": TERM,
}


def states_of(machine: Machine[Any]) -> list[str]:
    field: Any = machine.model._meta.get_field(machine.field)
    return [str(value) for value, _label in field.flatchoices]


def pairs() -> Iterator[Any]:
    for name, machine in ALL.items():
        for start in states_of(machine):
            for end in states_of(machine):
                yield pytest.param(machine, start, end, id=f"{name}-{start}-{end}")


def test_every_machine_is_tried_here() -> None:
    assert {id(machine) for machine in MACHINES} == {id(machine) for machine in ALL.values()}


@pytest.mark.parametrize("machine", ALL.values(), ids=ALL)
def test_a_table_names_every_state(machine: Machine[Any]) -> None:
    assert set(machine.moves) == set(states_of(machine))
    assert {end for ends in machine.moves.values() for end in ends} <= set(machine.moves)


@pytest.mark.parametrize("machine", ALL.values(), ids=ALL)
def test_the_docs_draw_each_table(machine: Machine[Any]) -> None:
    page = (ROOT / "docs" / "states.md").read_text()
    assert f"```mermaid\n{machine.diagram()}\n```" in page


class Rows:
    """The rows of a model that was never saved: notes which states an update asks for."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def filter(self, *_conditions: object, **named: Any) -> "Rows":
        self.asked |= named
        return self

    def update(self, **_fields: object) -> int:
        return 0


@pytest.mark.parametrize(("machine", "start", "end"), list(pairs()))
def test_a_pair_that_is_not_in_the_table_is_refused(machine: Machine[Any], start: str, end: str) -> None:
    rows: Any = Rows()
    if end in machine.moves[start]:
        assert machine.update(rows, start=start, to=end) == 0
        assert rows.asked == {f"{machine.field}__in": [start]}
    else:
        with pytest.raises(ValueError, match=f"never goes from {start} to {end}"):
            machine.update(rows, start=start, to=end)
        assert rows.asked == {}


@pytest.mark.django_db
def test_a_move_is_heard_in_its_transaction_and_a_lost_race_is_not() -> None:
    from consults.models import Case, CaseState

    heard: list[tuple[type[Model], str]] = []

    def hear(sender: type[Model], row: Model, to: str, **_more: object) -> None:
        heard.append((sender, to))

    case = Case.objects.create(author=factories.person("alice"))
    transitioned.connect(hear)
    try:
        CASE.move(case, to=CaseState.SUBMITTED)
        assert (case.state, heard) == (CaseState.SUBMITTED, [(Case, CaseState.SUBMITTED)])
        with pytest.raises(Moved):
            CASE.move(case, to=CaseState.SUBMITTED)
        assert len(heard) == 1
    finally:
        transitioned.disconnect(hear)


# --- No other code writes a state


def written_states() -> Iterator[str]:
    """Yield places that assign a state, or pass one to update()."""
    fields = {(machine.field) for machine in ALL.values()}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" in path.parts or path == Path(states.__file__):
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Assign) and any(
                    isinstance(target, ast.Attribute) and target.attr in fields and not _is_self(target)
                    for target in node.targets
                ):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}"
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "update"
                    and not _is_machine(node.func.value)
                    and any(keyword.arg in fields for keyword in node.keywords)
                ):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}"


def _is_self(target: ast.Attribute) -> bool:
    return isinstance(target.value, ast.Name) and target.value.id == "self"


def _is_machine(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id.isupper()


def test_states_are_moved_by_machines_only() -> None:
    assert list(written_states()) == []


def test_the_machines_know_models_of_the_product() -> None:
    assert {machine.model for machine in ALL.values()} <= set(apps.get_models())
