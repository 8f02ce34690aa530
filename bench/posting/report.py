"""Tables of what was counted: the journeys, the difference to an earlier run, and what costs most."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bench.posting.counting import Place, Tally

COLUMNS = ("taps", "keys", "words", "in lists", "screens", "swipes", "seconds")
COUNTED = ("words", "taps", "keys")
LARGEST = 10
Row = dict[str, Any]


def row_of(says: str, tally: Tally) -> Row:
    """Return the figures of a journey, ready for JSON."""
    return {
        "says": says,
        "taps": tally.taps.total(),
        "keys": tally.keys.total(),
        "words": tally.words.total(),
        "in lists": tally.listed,
        "screens": len(tally.screens),
        "swipes": tally.swipes,
        "seconds": round(tally.seconds),
        "path": tally.screens,
        "by screen": {what: _by_screen(getattr(tally, what)) for what in COUNTED},
        "largest": {name: _largest(getattr(tally, name)) for name in COUNTED},
    }


def _by_screen(counted: Counter[Place]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for (screen, _part), number in counted.items():
        total[screen] += number
    return {screen: number for screen, number in total.most_common() if number}


def _largest(counted: Counter[Place]) -> list[list[Any]]:
    return [[*place, number] for place, number in counted.most_common(LARGEST) if number]


def table(rows: Mapping[str, Row], before: Mapping[str, Row] | None = None) -> str:
    """Return a Markdown table of the journeys; with an earlier run, a line for each and one for the difference."""
    lines = [f"| journey | {' | '.join(COLUMNS)} |", f"|---|{'---:|' * len(COLUMNS)}"]
    for name, row in rows.items():
        old = (before or {}).get(name)
        if old is None:
            lines.append(_line(row["says"], row))
            continue
        change = {column: f"{row[column] - old[column]:+}" for column in COLUMNS}
        lines += [_line(f"{row['says']}: before", old), _line("after", row), _line("difference", change)]
    return "\n".join(lines)


def _line(says: str, row: Mapping[str, Any]) -> str:
    return f"| {says} | {' | '.join(f'{row[column]}' for column in COLUMNS)} |"


def eaters(rows: Mapping[str, Row]) -> str:
    """Return, for each journey, words and taps of each screen, and the parts of screens that cost the most."""
    lines: list[str] = []
    for row in rows.values():
        for what in ("words", "taps"):
            screens = ", ".join(f"{screen} {count}" for screen, count in row["by screen"][what].items())
            lines += ["", f"{row['says']}: {what} ({screens})"]
            lines += [
                f"  {count:5}  {screen}: {part or '(no heading)'}" for screen, part, count in row["largest"][what]
            ]
    return "\n".join(lines).strip()


def save(path: Path, rows: Mapping[str, Row]) -> None:
    """Write the figures as JSON."""
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load(path: Path) -> dict[str, Row]:
    """Read figures that `save` wrote."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


def texts(tally: Tally) -> Iterable[str]:
    """Yield every text that was read, as it was met."""
    for screen, text in tally.read:
        yield f"{screen}: {text}"
