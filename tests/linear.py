"""Whether work grows in step with its input: CPU time of inputs, one four times as long as the other, as a ratio.

Inputs are made from a pattern's own parse tree: what may stand before each repetition, then what it repeats, many
times, then a sign that fits nowhere.
"""

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.packages import ROOT

_parser: Any = importlib.import_module("re._parser")
_constants: Any = importlib.import_module("re._constants")

BEGIN, END = 256, 8192  # characters
WORTH_TIMING_SECONDS = 0.005  # below it the clock is too coarse
LONGER = 4
MOST_GROWTH = 8.0  # of time when the input is four times as long: 4 is linear, 16 quadratic
LONG_REPEAT = 16
NOWHERE = "\x01"


def growth(work: Callable[[str], object], make: Callable[[int], str]) -> float:
    """By how much the CPU time of `work` grows when its input is `LONGER`; 1.0 where it is too short to be timed."""
    size = BEGIN
    while size < END and _seconds(work, make(size)) < WORTH_TIMING_SECONDS:
        size *= 2
    if size >= END:
        return 1.0
    ratios = []
    for _try in range(4):  # the least: a busy machine makes work slower, never faster
        ratios.append(_seconds(work, make(LONGER * size)) / _seconds(work, make(size)))
        if ratios[-1] < MOST_GROWTH:
            break
    return min(ratios)


def _seconds(work: Callable[[str], object], text: str) -> float:
    taken = []
    for _try in range(2):
        began = time.thread_time()
        work(text)
        taken.append(time.thread_time() - began)
        if taken[-1] > 0.1:
            break
    return max(min(taken), 1e-6)


def find_all(pattern: re.Pattern[str]) -> Callable[[str], object]:
    """Everything that the house does with a pattern, at its most expensive."""

    def work(text: str) -> object:
        pattern.match(text)
        pattern.fullmatch(text)
        return sum(1 for _found in pattern.finditer(text))

    return work


# --- Patterns of the house


def patterns(*packages: str) -> dict[str, re.Pattern[str]]:
    """Every pattern of these packages: compiled in a module, inside its tuples too, or written in a call of `re`."""
    found: dict[str, re.Pattern[str]] = {}
    for module in modules(*packages):
        for name, value in vars(module).items():
            for place, pattern in _compiled(value):
                found[f"{module.__name__}.{name}{place}"] = pattern
        for line, pattern in _written(Path(module.__file__ or ROOT / "none.py")):
            found[f"{module.__name__}:{line}"] = pattern
    by_text = {(one.pattern, one.flags): name for name, one in sorted(found.items(), reverse=True)}
    return {name: found[name] for name in sorted(by_text.values())}


def modules(*packages: str) -> Iterator[ModuleType]:
    """The modules of these packages, without migrations and commands."""
    for name in packages:
        package = importlib.import_module(name)
        yield package
        for one in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not {"migrations", "management"} & set(one.name.split(".")) and one.name != "core.storage.s3":
                yield importlib.import_module(one.name)


def _compiled(value: object) -> Iterator[tuple[str, re.Pattern[str]]]:
    if isinstance(value, re.Pattern):
        if isinstance(value.pattern, str):
            yield "", value
    elif isinstance(value, tuple | list):
        for place, part in enumerate(value):
            for deeper, pattern in _compiled(part):
                yield f"[{place}]{deeper}", pattern
    elif isinstance(value, dict):
        yield from _compiled(list(value.values()))


def _written(path: Path) -> Iterator[tuple[int, re.Pattern[str]]]:
    if not path.is_file():
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
            continue
        function, text = ast.unparse(node.func), node.args[0].value
        if function.startswith("re.") and function not in ("re.escape", "re.compile") and isinstance(text, str):
            yield node.lineno, re.compile(text)


# --- Inputs against a pattern


def attacks(pattern: re.Pattern[str]) -> dict[str, Callable[[int], str]]:
    """Makers of inputs of any length, one for each long repetition of the pattern and each way to fill it."""
    made: dict[str, Callable[[int], str]] = {}
    for before, pump in _repetitions(_parser.parse(pattern.pattern, pattern.flags), ""):
        for filling in {pump, pump + " ", " "}:
            made[f"{before!r} + n × {filling!r}"] = _pumped(before, filling)
        made[f"n × {before + pump!r}"] = _pumped("", before + pump)
        made[f"n × {before + 9 * pump!r}"] = _pumped("", before + 9 * pump)
    return made


def _pumped(before: str, pump: str) -> Callable[[int], str]:
    return lambda size: before + pump * (size // max(1, len(pump))) + NOWHERE


def _repetitions(tree: Any, before: str) -> Iterator[tuple[str, str]]:
    """What may stand before each long repetition, and one round of it."""
    for op, value in tree:
        name = str(op)
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            _least, most, body = value
            if most == _constants.MAXREPEAT or most >= LONG_REPEAT:
                yield before, _sample(body) or "a"
            yield from _repetitions(body, before)
        elif name == "SUBPATTERN":
            yield from _repetitions(value[-1], before)
        elif name == "ATOMIC_GROUP":
            yield from _repetitions(value, before)
        elif name == "BRANCH":
            for branch in value[1]:
                yield from _repetitions(branch, before)
        before += _sample([(op, value)])


def _sample(tree: Any) -> str:
    """A short text that a part of a pattern matches, as far as that can be told without searching."""
    return "".join(_sample_of(str(op), value) for op, value in tree)


def _sample_of(name: str, value: Any) -> str:
    if name == "LITERAL":
        return chr(value)
    if name == "NOT_LITERAL":
        return "b" if value == ord("a") else "a"
    if name == "ANY":
        return "a"
    if name == "IN":
        return _one_of(value)
    if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
        return _sample(value[2]) * max(value[0], 0)
    if name == "SUBPATTERN":
        return _sample(value[-1])
    if name == "ATOMIC_GROUP":
        return _sample(value)
    if name == "BRANCH":
        return _sample(value[1][0])
    return ""  # assertions and references take no room


CLASSES = {"CATEGORY_DIGIT": "1", "CATEGORY_WORD": "a", "CATEGORY_SPACE": " ", "CATEGORY_NOT_SPACE": "a"}


def _one_of(members: Any) -> str:
    if str(members[0][0]) == "NEGATE":
        inside = re.compile("[" + "".join(_class_text(member) for member in members[1:]) + "]")
        return next(sign for sign in "aA1 .-@\n" if not inside.match(sign))
    for op, value in members:
        if str(op) == "LITERAL":
            return chr(value)
        if str(op) == "RANGE":
            return chr(value[0])
        if str(op) == "CATEGORY" and str(value) in CLASSES:
            return CLASSES[str(value)]
    return "-"


def _class_text(member: Any) -> str:
    op, value = member
    if str(op) == "LITERAL":
        return re.escape(chr(value))
    if str(op) == "RANGE":
        return f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
    letter = {"DIGIT": "d", "WORD": "w", "SPACE": "s"}[str(value).removeprefix("CATEGORY_").removeprefix("NOT_")]
    return "\\" + (letter.upper() if "NOT_" in str(value) else letter)
