"""The mutation check: what it finds, that its table names every guard, and a few guards taken away for good measure."""

import subprocess
import sys

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from bench.mutation import guards, table
from bench.mutation.__main__ import KINDS, sample
from bench.mutation.guards import ROOT, Guard, in_module
from bench.mutation.removal import without
from bench.mutation.second_locks import NO_GUARDS, SECOND_LOCKS

pytestmark = pytest.mark.service  # the sample has processes and databases of its own
SAMPLE = 6

POLICY = '''
from django.db.models import Q

def drafts(member: object):
    """Return own drafts."""
    if not isinstance(member, Member) or not member.is_verified:
        return Case.objects.none()
    mine = Case.objects.filter(Q(a=1) & Q(b=2), author=member)
    return mine.exclude(state="withdrawn") if member.active else Case.objects.none()


def _may(member: object):
    return member.is_verified and member.active


POLICY: Policy = {"case.edit": drafts, "case.view": gate.visible_cases}
'''
VIEWS = """
@open_to("moderator")
@require_safe
def queue(request): ...

@open_to("member", "officer", "applicant")
def me(request): ...

@post_only("page")
def send(request):
    require(request.user, "case.edit", case)
    if not reauthenticated_recently(request):
        return redirect("again")
    if not typed:
        return render(request, "form.html")
    if not request.user.is_staff:
        raise PermissionDenied

@method_decorator(open_to("officer"), name="dispatch")
class Page: ...
"""


def found(path: str, source: str) -> list[tuple[str, str, str]]:
    return [(guard.kind, guard.where, guard.what) for guard in in_module(path, source)]


def test_what_is_found_in_a_policy() -> None:
    assert sorted(found("rooms/policy.py", POLICY)) == sorted(
        [
            ("policy", "case.edit", ""),
            ("policy", "case.view", ""),
            ("condition", "drafts", "not isinstance(member, Member)"),
            ("condition", "drafts", "not member.is_verified"),
            ("condition", "drafts", "member.active"),
            ("condition", "drafts", "Q(a=1) & Q(b=2)"),
            ("condition", "drafts", "author=member"),
            ("condition", "drafts", "exclude(state='withdrawn')"),
            ("condition", "drafts", "Q(a=1)"),
            ("condition", "drafts", "Q(b=2)"),
            ("condition", "_may", "member.is_verified"),
            ("condition", "_may", "member.active"),
        ]
    )


def test_what_is_found_in_views() -> None:
    assert found("rooms/views.py", VIEWS) == [
        ("decorator", "queue", "open_to('moderator')"),
        ("decorator", "me", "open_to('member', 'officer', 'applicant')"),
        ("decorator", "send", "post_only('page')"),
        ("check", "send", "require(request.user, 'case.edit', case)"),
        ("check", "send", "not reauthenticated_recently(request)"),
        ("check", "send", "not request.user.is_staff"),
        ("decorator", "Page", "open_to('officer')"),
    ]


def test_what_is_found_in_settings_and_machines() -> None:
    listed = (
        'MIDDLEWARE = ["rooms.Closed", "django.middleware.locale.LocaleMiddleware"]\nCASE = states.Machine(Case, {})'
    )
    assert found("config/settings.py", listed) == [("middleware", "rooms.Closed", ""), ("transition", "CASE", "")]


@pytest.mark.parametrize(
    ("what", "left"),
    [
        ("not member.is_verified", "if not isinstance(member, Member) or False:"),
        ("author=member", "filter(Q(a=1) & Q(b=2), **{})"),
        ("Q(a=1) & Q(b=2)", "filter(*(), author=member)"),
        ("Q(a=1)", "filter(Q(b=2), author=member)"),
        ("exclude(state='withdrawn')", "return mine if member.active else"),
        ("member.active", "if True else Case.objects.none()"),
    ],
)
def test_what_remains_without_it(what: str, left: str) -> None:
    guard = next(guard for guard in in_module("rooms/policy.py", POLICY) if guard.what == what)
    assert left in guard.edited(POLICY)
    compile(guard.edited(POLICY), "policy.py", "exec")


def test_what_remains_without_a_guard_and_its_second_lock() -> None:
    taken = [guard for guard in in_module("rooms/policy.py", POLICY) if guard.what in ("author=member", "Q(a=1)")]
    assert "filter(Q(b=2), **{})" in without(POLICY, taken)


def test_an_audience_becomes_everybody_and_a_door_falls_shut() -> None:
    first, second, *_others = in_module("rooms/views.py", VIEWS)
    assert '@open_to("member", "moderator", "officer", "applicant")\n@require_safe' in first.edited(VIEWS)
    assert "@(lambda view: view)\ndef me" in second.edited(VIEWS)


def test_every_kind_is_found_here() -> None:
    every = guards.find()
    assert {guard.kind for guard in every} == set(KINDS)
    names = [guard.name for guard in every]
    assert len(names) == len(set(names))
    assert not (set(NO_GUARDS) | set(SECOND_LOCKS)) - set(names), "what is excused is not there any more"
    assert not {other for lock in SECOND_LOCKS.values() for other in lock.others} - set(names)


def test_a_decorator_of_a_view_is_a_guard_or_known_to_be_none() -> None:
    unknown = set()
    for path in guards.modules(ROOT):
        tree = guards.ast.parse(path.read_text(encoding="utf-8"))
        for name, function in guards.functions(tree):
            if (path.relative_to(ROOT).as_posix(), name) in views():
                called = {guards.name_of(decorator) for decorator in function.decorator_list}
                unknown |= {one for one in called - guards.HARMLESS if not guards.DECORATORS.search(one)}
    assert not unknown, "say in bench/mutation/guards.py whether this keeps somebody out"


def views() -> set[tuple[str, str]]:
    """(path, name) of every view of ours."""
    waiting: list[object] = [get_resolver()]
    result = set()
    while waiting:
        for entry in waiting.pop().url_patterns:  # type: ignore[attr-defined]
            if isinstance(entry, URLResolver):
                waiting.append(entry)
            elif isinstance(entry, URLPattern):
                view = getattr(entry.callback, "view_class", entry.callback)
                result.add((f"{view.__module__.replace('.', '/')}.py", view.__name__))
    return result


def test_the_table_names_every_guard() -> None:
    named = [name for _kind, name, _test in table.rows()]
    there = [guard.name for guard in guards.find() if guard.name not in NO_GUARDS]
    assert sorted(named) == sorted(there), "python -m bench.mutation --docs"
    gone = {test for test in table.killers().values() if not (ROOT / test.partition("::")[0]).is_file()}
    assert not gone, "take these guards away again: python -m bench.mutation --only … --docs"
    assert not [name for _kind, name, test in table.rows() if test.startswith("SURVIVED")]


def test_a_table_is_read_as_it_is_written() -> None:
    text = f"{table.BEGIN}\n| policy | `a.py x [y or z]` | `tests/t.py::test_z` (second lock: why) |\n{table.END}"
    assert list(table.rows(text)) == [("policy", "a.py::x [y or z]", "tests/t.py::test_z")]


def test_a_sample_has_every_kind_and_is_the_same_for_a_seed() -> None:
    every = [Guard(kind, "a.py", f"{kind}{number}") for kind in KINDS for number in range(3)]
    taken = sample(every, len(KINDS), seed=3)
    assert {guard.kind for guard in taken} == set(KINDS)
    assert taken == sample(list(reversed(every)), len(KINDS), seed=3)
    assert len(sample(every, 50, seed=1)) == len(every)


def test_a_few_guards_do_not_survive() -> None:
    """Others every day; `make mutation` takes them all."""
    day = timezone.localdate().toordinal()
    said = subprocess.run(
        [sys.executable, "-m", "bench.mutation", "--sample", str(SAMPLE), "--seed", str(day)],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert said.returncode == 0, f"seed {day}\n{said.stdout}\n{said.stderr}"
    assert f"{SAMPLE} guards, 0 survived" in said.stdout
