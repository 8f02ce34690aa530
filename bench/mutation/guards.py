"""Finding guards by reading the code: nobody keeps a list of them, so that a new one is found by itself.

A guard is what stands between a person and something that is not theirs. Where they are looked for:

    policy       a row of a POLICY table                      removed: the action is allowed on every row
    condition    an early refusal, a filter or a clause       removed: as if it did not stand there
                 in CONDITIONS (the gate, policies, access)
    check        a refusal in any other module                the same
    decorator    a decorator in DECORATORS                    removed; an audience: everybody signed in
    middleware   a line of MIDDLEWARE                         removed
    transition   a state machine                              removed: from every state to every other
    trigger      a trigger of the database                    dropped
"""

import ast
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "accounts", "audit", "compliance", "config", "consent", "consults", "core", "imaging", "insights", "learning",
    "notifications", "screening", "vocabulary",
)  # fmt: skip

# Modules whose every condition decides about access.
CONDITIONS = (
    "*/policy.py",
    "*/access.py",
    "*/middleware.py",
    "accounts/security/factors/rules.py",
    "consults/cases/media.py",
    "consults/cases/media_path.py",
    "consults/cases/gate/blockers.py",
    "consults/cases/gate/holding.py",
    "consults/cases/gate/release.py",
    "consults/cases/gate/shown_pictures.py",
    "consults/cases/gate/visibility.py",
    "accounts/conduct/standing.py",
    "core/permissions.py",
)
# What a view raises to refuse somebody, as against what a form says about what was typed.
REFUSALS = {"PermissionDenied", "Http404", "NotYours", "Blocked"}
# Questions whose answer decides about access, wherever they are asked.
QUESTIONS = {"reauthenticated_recently", "did_recent_authentication", "allows", "may_enter", "has_passed", "RULES"}
# Decorators that keep somebody out. One of a view that stands neither here nor in HARMLESS fails a test.
DECORATORS = re.compile(r"open_to|post_only|rate_limit|reauth|required$|confirm|owner|only$|limit")
HARMLESS = {
    "require_safe", "require_GET", "require_POST", "require_http_methods",  # methods: `post_only` guards
    "login_not_required", "without_factor", "_own",  # open
    "_if_on",  # there is no such page where it is not switched on
    "sensitive_post_parameters", "never_cache", "explain_refusals", "method_decorator", "atomic", "csrf_exempt",
    "vary_on_cookie", "xframe_options_deny",
}  # fmt: skip
# Middleware without which somebody sees less, or the same in other words.
FEATURES = {
    "whitenoise.middleware.WhiteNoiseMiddleware": "serves static files",
    "django.middleware.locale.LocaleMiddleware": "language",
    "django.middleware.common.CommonMiddleware": "addresses without a slash",
    "django.contrib.messages.middleware.MessageMiddleware": "messages",
    "django_htmx.middleware.HtmxMiddleware": "parts of pages",
    "allauth.account.middleware.AccountMiddleware": "allauth's own context",
    "core.middleware.arrived_input.ArrivedInputMiddleware": "what was typed is kept",
    "core.middleware.method_not_allowed.MethodNotAllowedMiddleware": "words of a refusal",
    "consults.cases.media_path.PicturePathMiddleware": "a shorter way for pictures; its own conditions are guards",
    "core.middleware.storage_unavailable.StorageUnavailableMiddleware": "words of an outage",
}


@dataclass(frozen=True)
class Guard:
    """One guard: where it stands, what is taken away, and the source that remains.

    `where` is the function, the action, the middleware or the trigger; `what` the words that are taken away. `text`
    replaces the characters from `start` to `end` of the file, for the kinds that are edits of a source.
    """

    kind: str
    path: str
    where: str
    what: str = ""
    start: int = 0
    end: int = 0
    text: str = ""

    @property
    def name(self) -> str:
        """The guard's name in tables: it outlives edits elsewhere in the file."""
        return f"{self.path}::{self.where}" + (f" [{self.what}]" if self.what else "")

    @property
    def place(self) -> str:
        """The function, row or machine in which it stands."""
        return f"{self.path}::{self.where}"

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")

    def edited(self, source: str) -> str:
        """Return the source of its file without it."""
        return source[: self.start] + self.text + source[self.end :]


def find(root: Path = ROOT) -> list[Guard]:
    """Return every guard of the house, in the order of files."""
    found: list[Guard] = []
    for path in modules(root):
        found += in_module(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
    return numbered(found)


def modules(root: Path) -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            inside = path.relative_to(root)
            if {"migrations", "management", "__pycache__"} & set(inside.parts) or "engine" in inside.parts:
                continue
            yield path


def numbered(found: Iterable[Guard]) -> list[Guard]:
    """Tell guards of the same words apart by a number."""
    result: list[Guard] = []
    seen: dict[str, int] = {}
    for guard in found:
        seen[guard.name] = seen.get(guard.name, 0) + 1
        number = seen[guard.name]
        fields = {**vars(guard), "what": f"{guard.what} #{number}"} if number > 1 else vars(guard)
        result.append(Guard(**fields))
    return result


def in_module(path: str, source: str) -> Iterator[Guard]:
    """Yield the guards of one module."""
    tree = ast.parse(source)
    text = Source(path, source)
    if path.endswith("settings.py"):
        yield from _middleware(text, tree)
    if Path(path).name == "policy.py":
        yield from _policy_rows(text, tree)
    if Path(path).name == "triggers.py" and path != "core/triggers.py":
        yield from _triggers(text)
    yield from _machines(text, tree)
    every = any(Path(path).match(pattern) for pattern in CONDITIONS)
    for name, function in functions(tree):
        yield from _decorators(text, name, function)
        if isinstance(function, ast.ClassDef):
            continue
        edits = Edits(text, name, "condition" if every else "check")
        if every:
            yield from edits.conditions(function)
        else:
            yield from edits.checks(function)


def functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef | ast.ClassDef]]:
    """Yield functions of the module and methods of its classes, with their qualified names, and classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield node.name, node
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield f"{node.name}.{inner.name}", inner


def own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield the syntax of a function without that of functions in it: a decorator's are tried on each view."""
    waiting: list[ast.AST] = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.FunctionDef):
            continue
        yield node
        waiting += ast.iter_child_nodes(node)


class Source:
    """A file's text, by the positions of its syntax."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text = path, text
        self.lines = text.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def at(self, line: int, column: int) -> int:
        """Return the character at a line and a column in bytes, as `ast` counts."""
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def span(self, node: ast.AST) -> tuple[int, int]:
        return self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]

    def of(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.text[start:end]


def short(node: ast.AST) -> str:
    """Return the words of a node on one line, at most 70 characters."""
    words = " ".join(ast.unparse(node).split()).replace("|", "or").replace("`", "'")
    return words if len(words) <= 70 else f"{words[:69]}…"


def name_of(node: ast.AST) -> str:
    """Return the last name of what is called or named: `decorators.rate_limit(...)` -> rate_limit."""
    while isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


# --- Tables


def _policy_rows(source: Source, tree: ast.Module) -> Iterator[Guard]:
    for node in tree.body:
        target = node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(target, ast.Name) and target.id == "POLICY" and isinstance(node.value, ast.Dict):
            for key in node.value.keys:
                if isinstance(key, ast.Constant):
                    yield Guard("policy", source.path, str(key.value))


def _middleware(source: Source, tree: ast.Module) -> Iterator[Guard]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "MIDDLEWARE":
            for entry in ast.literal_eval(node.value):
                if entry not in FEATURES:
                    yield Guard("middleware", source.path, entry)


def _machines(source: Source, tree: ast.Module) -> Iterator[Guard]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and name_of(node.value) == "Machine":
            yield Guard("transition", source.path, getattr(node.targets[0], "id", ""))


def _triggers(source: Source) -> Iterator[Guard]:
    """The triggers of SQLite, by the names they get when the module runs: they are made in loops."""
    for statement in statements(source.path):
        named = re.search(r"CREATE TRIGGER IF NOT EXISTS (\w+)", statement)
        if named:
            yield Guard("trigger", source.path, named[1])


@cache
def statements(path: str) -> tuple[str, ...]:
    """Return the statements that make the triggers of a module, asked of another process: its imports need Django."""
    module = path.removesuffix(".py").replace("/", ".")
    code = f"import django, json; django.setup(); import {module} as m; print(json.dumps(m.TRIGGERS.sqlite[0]))"
    with tempfile.TemporaryDirectory() as folder:
        env = os.environ | {"RETE_DATA": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
        said = subprocess.run(
            [sys.executable, "-c", code], env=env, cwd=ROOT, check=True, capture_output=True, text=True
        )
    return tuple(json.loads(said.stdout))


def _decorators(source: Source, name: str, function: ast.FunctionDef | ast.ClassDef) -> Iterator[Guard]:
    for decorator in function.decorator_list:
        marked = decorator
        if name_of(decorator) == "method_decorator" and isinstance(decorator, ast.Call):
            marked = decorator.args[0]
        called = name_of(marked)
        if called in HARMLESS or not DECORATORS.search(called) or "." in name:
            continue
        start, end = source.span(decorator)
        yield Guard("decorator", source.path, name, short(marked), start, end, _instead(marked))


def _instead(decorator: ast.expr) -> str:
    """Return the decorator in the place of a guard: an audience becomes everybody who is signed in."""
    if name_of(decorator) != "open_to" or not isinstance(decorator, ast.Call):
        return "(lambda view: view)"
    given = {arg.value for arg in decorator.args if isinstance(arg, ast.Constant)}
    if {"member", "officer", "applicant"} <= given:
        return "(lambda view: view)"  # it opens: without it the view is for members
    return 'open_to("member", "moderator", "officer", "applicant")'


# --- Conditions


@dataclass
class Edits:
    """The edits of one function that take a guard away."""

    source: Source
    where: str
    kind: str

    def cut(self, node: ast.AST, text: str, what: ast.AST | str) -> Guard:
        start, end = self.source.span(node)
        words = what if isinstance(what, str) else short(what)
        return Guard(self.kind, self.source.path, self.where, words, start, end, text)

    def conditions(self, function: ast.FunctionDef) -> Iterator[Guard]:
        """Refusals, filters and clauses: all conditions of a function that decides about access."""
        for node in own_nodes(function):
            if isinstance(node, ast.If) and _refuses(node):
                yield from self.refusal(node)
            elif isinstance(node, ast.IfExp) and _is_nothing(node.orelse):
                yield self.cut(node.test, "True", node.test)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield from self.narrowing(node, node.func)
            elif isinstance(node, ast.BinOp) and _is_of_clauses(function, node):
                yield from self.clauses(node)
            elif isinstance(node, ast.Return):
                yield from (self.cut(clause, "True", clause) for clause in _clauses(node.value))

    def clauses(self, node: ast.BinOp) -> Iterator[Guard]:
        """Each clause that is not made of such clauses itself: those come by themselves."""
        for clause, other in ((node.left, node.right), (node.right, node.left)):
            if not (isinstance(clause, ast.BinOp) and isinstance(clause.op, type(node.op))):
                yield self.cut(node, self.source.of(other), clause)

    def checks(self, function: ast.FunctionDef) -> Iterator[Guard]:
        """Refusals of a person by views and services."""
        for node in own_nodes(function):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and _requires(node.value):
                yield self.cut(node.value, "None", node.value)
            elif isinstance(node, ast.If) and (_raises(node) in REFUSALS or _asks(node.test)):
                yield from self.refusal(node)

    def refusal(self, node: ast.If) -> Iterator[Guard]:
        """An early way out: the whole condition, or each of several that refuse by themselves."""
        if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.Or):
            yield from (self.cut(value, "False", value) for value in node.test.values)
        elif not isinstance(node.test, ast.NamedExpr):
            yield self.cut(node.test, "False", node.test)

    def narrowing(self, call: ast.Call, func: ast.Attribute) -> Iterator[Guard]:
        """Each clause of a filter, and an exclude as a whole."""
        if func.attr == "exclude":
            start = self.source.span(func.value)[1]
            end = self.source.span(call)[1]
            words = short(ast.Call(ast.Name("exclude"), call.args, call.keywords))
            yield Guard(self.kind, self.source.path, self.where, words, start, end, "")
        elif func.attr == "filter":
            yield from (self.cut(arg, "*()", arg) for arg in call.args)
            yield from (self.cut(keyword, "**{}", keyword_words(keyword)) for keyword in call.keywords)


def keyword_words(keyword: ast.keyword) -> str:
    return f"{keyword.arg or '**'}={short(keyword.value)}"


def _refuses(node: ast.If) -> bool:
    """Whether a condition leads out: by an exception, an answer, nothing at all, or a blocker."""
    last = node.body[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Yield):
        return True
    return isinstance(last, ast.Raise | ast.Return)


def _clauses(node: ast.expr | None) -> list[ast.expr]:
    """Return what all has to hold: the parts of `a and b`."""
    return node.values if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And) else []


def _is_of_clauses(function: ast.FunctionDef, node: ast.BinOp) -> bool:
    """Whether each side keeps somebody out: of `a & b`, and of `a | b` in an exclude or a conflict of interest."""
    if isinstance(node.op, ast.BitAnd):
        return True
    if not isinstance(node.op, ast.BitOr):
        return False
    if function.name.startswith(("conflict", "_conflict")):
        return True
    excludes = (call for call in ast.walk(function) if isinstance(call, ast.Call) and name_of(call.func) == "exclude")
    return any(node is inner for call in excludes for argument in call.args for inner in ast.walk(argument))


def _is_nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and name_of(node) == "none"


def _raises(node: ast.If) -> str:
    last = node.body[-1]
    return name_of(last.exc) if isinstance(last, ast.Raise) and last.exc is not None else ""


def _requires(call: ast.Call) -> bool:
    return name_of(call) in ("require", "_require") and len(call.args) >= 3


def _asks(test: ast.expr) -> bool:
    return any(getattr(node, "id", getattr(node, "attr", "")) in QUESTIONS for node in ast.walk(test))
