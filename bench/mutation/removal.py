"""Taking a guard away in this process, and noting which tests come past which guard.

Only a child of the runner does so: nothing here puts a guard back.
"""

import ast
import builtins
import contextlib
import inspect
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from importlib import import_module
from types import CodeType, FunctionType, ModuleType
from typing import Any

from bench.mutation.guards import ROOT, Guard

EDITS = ("condition", "check")
PROBE = "__guard_was_reached__"


def take_away(guard: Guard) -> None:
    """Run this process without one guard, and without those taken away before it."""
    if guard.kind in EDITS:
        TAKEN.append(guard)
        put_code(guard, without(source_of(guard), [other for other in TAKEN if other.path == guard.path]))
    else:
        _OTHERS[guard.kind](guard)


def source_of(guard: Guard) -> str:
    return (ROOT / guard.path).read_text(encoding="utf-8")


# --- Conditions and checks: another body for the same function, wherever it was imported to

TAKEN: list[Guard] = []


def without(source: str, guards: Iterable[Guard]) -> str:
    """Return the source of a file without several of its guards: one and its second lock may share a function."""
    for guard in sorted(guards, key=lambda one: one.start, reverse=True):
        source = guard.edited(source)
    return source


def put_code(guard: Guard, source: str) -> None:
    """Give the function of a guard the body that it has in another source of its module."""
    function = function_of(guard)
    code = code_of(compile(source, str(ROOT / guard.path), "exec"), guard.where)
    function.__code__ = code


def function_of(guard: Guard) -> FunctionType:
    """Return the function itself, beneath its decorators."""
    found: Any = import_module(guard.module)
    for name in guard.where.split("."):
        found = inspect.getattr_static(found, name)
    if isinstance(found, property):
        found = found.fget
    elif isinstance(found, cached_property):
        found = found.func
    elif isinstance(found, classmethod | staticmethod):
        found = found.__func__
    path = str(ROOT / guard.path)
    while hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    if not isinstance(found, FunctionType) or found.__code__.co_filename != path:
        raise LookupError(f"{guard.name}: the function is not to be found beneath its decorators")
    return found


def code_of(module: CodeType, where: str) -> CodeType:
    found = module
    for name in where.split("."):
        inner = [const for const in found.co_consts if isinstance(const, CodeType) and const.co_name == name]
        found = inner[-1]
    return found


def note_calls(guards: Iterable[Guard], reached: Callable[[str], None]) -> None:
    """Have every function with a guard, every rule of a policy and every machine tell its place when it is used."""
    from core.permissions import policy_table

    builtins.__dict__[PROBE] = reached
    table = policy_table()
    for guard in {guard.place: guard for guard in guards}.values():
        if guard.kind == "policy":
            table[guard.where] = _telling(table[guard.where], guard.place, reached)
        elif guard.kind == "transition":
            machine = getattr(import_module(guard.module), guard.where)
            machine.starts_of = _telling(machine.starts_of, guard.place, reached)
        elif guard.kind in (*EDITS, "decorator"):
            with contextlib.suppress(LookupError):  # a class of a view: its tests are found by its name
                put_code(guard, probed(source_of(guard), guard))


def probed(source: str, guard: Guard) -> str:
    """Return a source in which the function of a guard first tells that it was called."""
    tree = ast.parse(source)
    body: list[ast.stmt] = tree.body
    for name in guard.where.split("."):
        found = [one for one in body if isinstance(one, ast.FunctionDef | ast.ClassDef) and one.name == name]
        body = found[-1].body
    body.insert(0, ast.parse(f"{PROBE}({guard.place!r})").body[0])
    return ast.unparse(ast.fix_missing_locations(tree))


def _telling(rule: Callable[[Any], Any], place: str, reached: Callable[[str], None]) -> Callable[[Any], Any]:
    def told(asked: Any) -> Any:
        reached(place)
        return rule(asked)

    return told


# --- The others


def _policy(guard: Guard) -> None:
    from core.permissions import policy_table

    table = policy_table()
    rule = table[guard.where]

    def everything(member: object) -> Any:
        from django.contrib.auth.models import AnonymousUser

        return rule(AnonymousUser()).model._default_manager.all()

    table[guard.where] = everything


def _middleware(guard: Guard) -> None:
    from django.conf import settings

    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if name != guard.where]


def _transition(guard: Guard) -> None:
    machine = getattr(import_module(guard.module), guard.where)
    machine.starts_of = lambda to: tuple(machine.moves)


def _trigger(guard: Guard) -> None:
    """Leave it out whenever the triggers are made anew, and have it dropped as soon as there is a database."""
    triggers = import_module(guard.module).TRIGGERS
    create, drop = triggers.sqlite
    left = [statement for statement in create if f" {guard.where} " not in statement]
    object.__setattr__(triggers, "sqlite", (left, drop))
    DROPPED.append(guard.where)


DROPPED: list[str] = []  # triggers, to be dropped as soon as there is a database


def _decorator(guard: Guard) -> None:
    """Define the view anew with the other decorators alone, in its own module, and put it behind its addresses."""
    source = source_of(guard)
    tree = ast.parse(guard.edited(source))
    definition = [
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == guard.where
    ][-1]
    module = import_module(guard.module)
    old = getattr(module, guard.where)
    alone = ast.Module(body=[definition], type_ignores=[])
    exec(compile(alone, str(ROOT / guard.path), "exec"), module.__dict__)  # noqa: S102
    new = getattr(module, guard.where)
    for _name, pattern in _patterns():
        if pattern.callback is old:
            pattern.callback = new
        elif getattr(pattern.callback, "view_class", None) is old:
            pattern.callback = new.as_view(**pattern.callback.view_initkwargs)
    for other in _modules_with(old, guard.where):
        setattr(other, guard.where, new)


def addresses_of(guard: Guard) -> set[str]:
    """Return the full names of the addresses whose view is the guard's function; none when it is no view."""
    if guard.kind not in ("decorator", "check"):
        return set()
    found = set()
    for name, pattern in _patterns():
        view = getattr(pattern.callback, "view_class", pattern.callback)
        if (view.__module__, view.__name__) == (guard.module, guard.where):
            found.add(name)
    return found


def _patterns() -> Iterator[tuple[str, Any]]:
    """Yield every address with its full name."""
    from django.urls import URLResolver, get_resolver

    waiting: list[tuple[str, Any]] = [("", get_resolver())]
    while waiting:
        namespace, resolver = waiting.pop()
        for entry in resolver.url_patterns:
            if isinstance(entry, URLResolver):
                waiting.append((f"{namespace}{entry.namespace}:" if entry.namespace else namespace, entry))
            else:
                yield f"{namespace}{entry.name}", entry


def _modules_with(view: object, name: str) -> Iterator[ModuleType]:
    import sys

    for module in list(sys.modules.values()):
        if isinstance(module, ModuleType) and vars(module).get(name) is view:
            yield module


_OTHERS: dict[str, Callable[[Guard], None]] = {
    "policy": _policy,
    "middleware": _middleware,
    "transition": _transition,
    "trigger": _trigger,
    "decorator": _decorator,
}
