"""The table of guards in docs/security.md, which is also the memory of the check: the test that went red last time."""

from collections.abc import Iterator, Mapping, Sequence

from bench.mutation.guards import ROOT, Guard
from bench.mutation.second_locks import SECOND_LOCKS

PAGE = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- guards: begin -->", "<!-- guards: end -->"


def rows(text: str | None = None) -> Iterator[tuple[str, str, str]]:
    """Yield (kind, guard, test) of the table on the page."""
    words = PAGE.read_text(encoding="utf-8") if text is None else text
    inside = words.partition(BEGIN)[2].partition(END)[0]
    for line in inside.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 3 and cells[1].startswith("`"):
            # A space behind the path: what is named by `path::name` on a page of ours is a function.
            guard = cells[1].strip("` ").replace(" ", "::", 1)
            yield cells[0].strip("| "), guard, cells[2].strip("` |").split("` ")[0]


def killers() -> dict[str, str]:
    """Return the test that goes red without a guard, by the guard's name."""
    return {name: test for _kind, name, test in rows() if "::" in test}


def write(guards: Sequence[Guard], found: Mapping[str, str]) -> None:
    """Replace the table on the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise LookupError(f"{PAGE} has no place for the table.")
    lines = ["| kind | guard | removed: red is |", "|---|---|---|"]
    for guard in guards:
        together = ""
        if guard.name in SECOND_LOCKS:
            together = f" (second lock: {SECOND_LOCKS[guard.name].why})"
        name = guard.name.replace("::", " ", 1)
        lines.append(f"| {guard.kind} | `{name}` | `{found.get(guard.name, 'not tried')}`{together} |")
    PAGE.write_text(f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{after}", encoding="utf-8")
