"""The output folder and its report are one ledger: states of the folder × flags, and what happens."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from imaging.cli import arguments, ledger, models, report, rows, storage
from imaging.cli.arguments import EXIT_CLEAN, EXIT_REFUSED, EXIT_STOPPED, EXIT_WARNED
from tests.imaging.cli.commands import Engine, listed, run
from tests.imaging.cli.commands import rows as by_name

UNMASKED = b"\xff\xd8\xff unmasked"
STRAY = f"{hashlib.sha256(UNMASKED).hexdigest()[:32]}.jpg"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    fake = Engine()
    monkeypatch.setattr(rows, "deidentify", fake)
    monkeypatch.setattr(models, "missing_packages", list)
    return fake


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two pictures in `in`, one in `more`, and the process in the folder above."""
    for name in ("in/a.jpg", "in/b.jpg", "more/c.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def pictures(out: Path) -> set[str]:
    return {path.name for path in out.glob("*.jpg")}


def check_whole(out: Path, names: set[str]) -> None:
    """One row for each of these files, each clean one with its picture, no picture without a row, nothing half."""
    table = listed(out / "report.jsonl")
    assert sorted(row["file"].rpartition("/")[2] for row in table) == sorted(names)
    assert pictures(out) == {Path(row["output"]).name for row in table if row["output"]}
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    latest = {line["place"]: line["rows"] for line in lines[1:]}
    assert pictures(out) == {row["output"] for some in latest.values() for row in some if row["output"]}


# --- States


def absent(home: Path) -> None:
    """No folder yet."""


def empty(home: Path) -> None:
    (home / "out").mkdir()


def finished(home: Path) -> None:
    assert run("in", "--out", "out")[0] == EXIT_CLEAN


def with_fewer_masks(home: Path) -> None:
    assert run("in", "--out", "out", "--keep-faces", "--min-score", ".9", "--no-text")[0] == EXIT_CLEAN


def by_another_engine(home: Path) -> None:
    finished(home)
    for name in ("report.jsonl", "manifest.jsonl"):
        path = home / "out" / name
        path.write_text(path.read_text().replace(f'"engine": "{arguments.ENGINE_VERSION}"', '"engine": "0"'))


def before_manifests(home: Path) -> None:
    by_another_engine(home)
    (home / "out" / "manifest.jsonl").unlink()


def without_manifest(home: Path) -> None:
    finished(home)
    (home / "out" / "manifest.jsonl").unlink()


def without_report(home: Path) -> None:
    finished(home)
    (home / "out" / "report.jsonl").unlink()


def damaged_manifest(home: Path) -> None:
    finished(home)
    path = home / "out" / "manifest.jsonl"
    path.write_text(path.read_text().replace('"rows"', '"r'))


def newer_manifest(home: Path) -> None:
    finished(home)
    path = home / "out" / "manifest.jsonl"
    path.write_text(path.read_text().replace('"manifest": 1', '"manifest": 2'))


def unnamed_picture(home: Path) -> None:
    finished(home)
    (home / "out" / STRAY).write_bytes(UNMASKED)


def cut_short(home: Path) -> None:
    """Killed while it wrote: half a line in both files, half a picture."""
    run("in/a.jpg", "--out", "out")
    for name in ("report.jsonl", "manifest.jsonl"):
        with (home / "out" / name).open("a") as file:
            file.write('{"file": "half a li')
    (home / "out" / f".{'0' * 32}.1.1.part").write_bytes(b"half a pict")


def changed_input(home: Path) -> None:
    finished(home)
    (home / "in/a.jpg").write_bytes(b"another")
    os.utime(home / "in/a.jpg", (1, 1))


def missing_picture(home: Path) -> None:
    finished(home)
    Path(by_name(home / "out/report.jsonl")["a.jpg"]["output"]).unlink()


def altered_picture(home: Path) -> None:
    finished(home)
    Path(by_name(home / "out/report.jsonl")["a.jpg"]["output"]).write_bytes(b"altered")


def moved(home: Path) -> None:
    run("in", "--out", "earlier")
    (home / "earlier").rename(home / "out")


def unnamed_yet(home: Path) -> None:
    """Killed before the picture got its name."""
    finished(home)
    picture = Path(by_name(home / "out/report.jsonl")["a.jpg"]["output"])
    picture.rename(picture.with_name(f".{picture.stem}.1.1.part"))


def copied(home: Path) -> None:
    """Killed between the row of the report and the manifest's."""
    finished(home)
    path = home / "out" / "manifest.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


# State, calls of the engine and words for each way to run: plain, --resume, --redo. None: refused.
STATES: list[tuple[Callable[[Path], None], int | None, int | None, int, str]] = [
    (absent, 2, 2, 2, ""),
    (empty, 2, 2, 2, ""),
    (finished, 2, 0, 2, ""),
    (with_fewer_masks, None, None, 2, "--keep-faces given, now not given; --no-text given, now not given;"),
    (by_another_engine, None, None, 2, "engine 0, now"),
    (before_manifests, None, None, 2, "engine 0, now"),
    (without_manifest, 2, 0, 2, ""),
    (without_report, 2, 0, 2, ""),
    (damaged_manifest, None, None, 2, "damaged"),
    (newer_manifest, None, None, 2, "another version"),
    (unnamed_picture, None, None, 2, STRAY),
    (cut_short, 2, 1, 2, ""),
    (changed_input, 2, 1, 2, ""),
    (missing_picture, 2, 1, 2, ""),
    (altered_picture, 2, 1, 2, ""),
    (moved, 2, 0, 2, ""),
    (copied, 2, 0, 2, ""),
    (unnamed_yet, 2, 0, 2, ""),
]


@pytest.mark.parametrize("flag", ["", "--resume", "--redo"])
@pytest.mark.parametrize(
    ("state", "plain", "resumed", "redone", "words"), STATES, ids=[state[0].__name__ for state in STATES]
)
def test_what_happens_in_each_state(
    home: Path,
    engine: Engine,
    state: Callable[[Path], None],
    plain: int | None,
    resumed: int | None,
    redone: int,
    words: str,
    flag: str,
) -> None:
    state(home)
    out = home / "out"
    before = {path.name: path.read_bytes() for path in out.iterdir()} if out.exists() else {}
    engine.calls = 0
    calls = {"": plain, "--resume": resumed, "--redo": redone}[flag]
    status, said = run("in", "--out", "out", *([flag] if flag else []))
    if calls is None:
        assert (status, engine.calls) == (EXIT_STOPPED, 0)
        assert {path.name: path.read_bytes() for path in out.iterdir()} == before
        assert words in " ".join(said.split())
        assert "--redo" in said
    else:
        assert (status, engine.calls) == (EXIT_CLEAN, calls)
        check_whole(out, {"a.jpg", "b.jpg"})
        assert all(row["engine"] == arguments.ENGINE_VERSION for row in listed(out / "report.jsonl"))
    assert max(map(len, said.splitlines())) <= 80


@pytest.mark.parametrize("flags", [[], ["--resume"], ["--redo"]])
@pytest.mark.parametrize("state", [state[0] for state in STATES], ids=[state[0].__name__ for state in STATES])
def test_a_dry_run_writes_nothing(home: Path, engine: Engine, state: Callable[[Path], None], flags: list[str]) -> None:
    state(home)

    def everything() -> dict[str, tuple[int, bytes]]:
        return {str(p): (p.stat().st_mtime_ns, p.read_bytes()) for p in home.rglob("*") if p.is_file()}

    before, folders = everything(), sorted(home.rglob("*"))
    run("in", "--out", "out", "--report", "new/r.jsonl", "--dry-run", *flags)
    run("in", "--out", "out", "--dry-run", *flags)
    assert everything() == before
    assert sorted(home.rglob("*")) == folders


# --- Rows and pictures over several runs


def test_a_second_folder_adds_to_the_first(home: Path, engine: Engine) -> None:
    finished(home)
    status, said = run("more", "--out", "out")
    assert status == EXIT_CLEAN
    assert "2 of other files, kept in the report" in said
    check_whole(home / "out", {"a.jpg", "b.jpg", "c.jpg"})


@pytest.mark.parametrize("again", ["in/a.jpg", "{home}/in/a.jpg", "more/../in/a.jpg", "link.jpg", "linked/a.jpg"])
def test_one_file_under_all_its_names(home: Path, engine: Engine, again: str) -> None:
    (home / "link.jpg").symlink_to(home / "in/a.jpg")
    (home / "linked").symlink_to(home / "in")
    run("in/a.jpg", "--out", "out")
    engine.calls = 0
    run(again.format(home=home), "in/a.jpg", "--out", home / "out", "--resume")
    assert engine.calls == 0
    assert len(listed(home / "out/report.jsonl")) == 1


def test_a_picture_goes_with_its_last_row(home: Path, engine: Engine) -> None:
    """Two files with equal pictures, of which one changes, then the other."""
    for name in ("a", "b"):
        (home / f"in/{name}.jpg").write_bytes(b"same#" + name.encode())
    finished(home)
    (shared,) = pictures(home / "out")
    (home / "in/a.jpg").write_bytes(b"changed")
    run("in", "--out", "out", "--resume")
    assert shared in pictures(home / "out")
    (home / "in/b.jpg").write_bytes(b"bad now")
    assert run("in", "--out", "out", "--resume")[0] == EXIT_REFUSED
    assert shared not in pictures(home / "out")
    check_whole(home / "out", {"a.jpg", "b.jpg"})


def test_redoing_takes_up_files_that_are_not_named(home: Path, engine: Engine) -> None:
    with_fewer_masks(home)
    before = pictures(home / "out")
    assert run("more", "--out", "out", "--redo")[0] == EXIT_CLEAN
    check_whole(home / "out", {"a.jpg", "b.jpg", "c.jpg"})
    assert not before & pictures(home / "out")


@pytest.mark.parametrize(
    ("state", "status", "kept"), [(finished, EXIT_CLEAN, True), (with_fewer_masks, EXIT_REFUSED, False)]
)
def test_redoing_without_the_originals(
    home: Path, engine: Engine, state: Callable[[Path], None], status: int, *, kept: bool
) -> None:
    """A picture with the right masks stays; one with others goes, and its row says why."""
    state(home)
    (home / "in/a.jpg").unlink()
    old = Path(by_name(home / "out/report.jsonl")["a.jpg"]["output"])
    assert run("more", "--out", "out", "--redo")[0] == status
    assert old.exists() is kept
    check_whole(home / "out", {"a.jpg", "b.jpg", "c.jpg"})


def test_redoing_with_another_report(home: Path, engine: Engine) -> None:
    """It does not know the files, so their pictures go, which is said."""
    with_fewer_masks(home)
    status, said = run("more", "--out", "out", "--report", "r.jsonl", "--redo")
    assert (status, "2 rows" in said) == (EXIT_CLEAN, True)
    assert len(pictures(home / "out")) == len(listed(home / "r.jsonl")) == 1


def test_another_report_has_the_rows_without_their_files(home: Path, engine: Engine) -> None:
    finished(home)
    for _ in range(2):
        assert run("more", "--out", "out", "--report", "r.jsonl")[0] == EXIT_CLEAN
    assert [row["file"] and Path(row["file"]).name for row in listed(home / "r.jsonl")] == [None, None, "c.jpg"]
    run("in", "--out", "out", "--report", "r.jsonl", "--resume")
    assert set(by_name(home / "r.jsonl")) == {"a.jpg", "b.jpg", "c.jpg"}
    assert len(listed(home / "r.jsonl")) == 3


def test_two_folders_share_a_report(home: Path, engine: Engine) -> None:
    for flags in ([], ["--resume"]):
        run("in", "--out", "out", "--report", "r.jsonl", *flags)
        run("more", "--out", "other", "--report", "r.jsonl", *flags)
        run("in", "--out", "out", "--report", "r.jsonl", *flags)
        assert sorted(Path(row["file"]).name for row in listed(home / "r.jsonl")) == ["a.jpg", "b.jpg", "c.jpg"]


def test_refused_rows_of_two_folders(home: Path, engine: Engine) -> None:
    """A refused row tells no folder; whoever cleans the file replaces it."""
    (home / "in/a.jpg").write_bytes(b"bad")
    run("in/a.jpg", "--out", "other", "--report", "r.jsonl")
    run("more", "--out", "out", "--report", "r.jsonl")
    assert {name: row["status"] for name, row in by_name(home / "r.jsonl").items()} == {
        "a.jpg": "refused",
        "c.jpg": "clean",
    }
    (home / "in/a.jpg").write_bytes(b"good")
    run("in/a.jpg", "--out", "out", "--report", "r.jsonl")
    assert [row["status"] for row in listed(home / "r.jsonl")] == ["clean", "clean"]


def test_the_manifest_names_no_file(home: Path, engine: Engine) -> None:
    run("in", "--out", "out", "--report", "elsewhere/r.jsonl")
    assert all(name not in (home / "out/manifest.jsonl").read_text() for name in ("a.jpg", "b.jpg", str(home)))
    assert {path.suffix for path in (home / "out").iterdir()} == {".jpg", ".jsonl"}


@pytest.mark.parametrize("frames", [[None], [1, 2, 3]])
def test_rows_have_a_file_and_a_frame(
    home: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch, frames: list[int | None]
) -> None:
    """A file with several pictures has several rows, which come and go together."""
    monkeypatch.setattr(rows.frames, "find", lambda data, choice, options: [one for one in frames if one])
    run("in/a.jpg", "--out", "out")
    assert [row["frame"] for row in listed(home / "out/report.jsonl")] == frames
    assert len(pictures(home / "out")) == len(frames)
    engine.calls = 0
    run("in/a.jpg", "--out", "out", "--resume")
    assert engine.calls == 0
    (home / "in/a.jpg").write_bytes(b"bad")
    monkeypatch.setattr(rows.frames, "find", lambda data, choice, options: [])
    run("in/a.jpg", "--out", "out", "--resume")
    check_whole(home / "out", {"a.jpg"})
    assert pictures(home / "out") == set()


def test_a_disk_that_is_full_in_the_middle(home: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    finished(home)

    def full(manifest: ledger.Manifest, place: str, some: list[rows.Row]) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(ledger.Manifest, "append", full)
        status, said = run("in", "more", "--out", "out")
    assert (status, "No space" in said, "--resume" in said) == (EXIT_STOPPED, True, True)
    assert [path.name for path in (home / "out").iterdir() if path.name.startswith(".")] == []
    run("in", "more", "--out", "out", "--resume")
    check_whole(home / "out", {"a.jpg", "b.jpg", "c.jpg"})


def test_a_missing_model_is_found_out_before_anything_is_removed(
    home: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_fewer_masks(home)
    before = pictures(home / "out")
    monkeypatch.setattr(models, "missing_packages", lambda: ["retinaface==1.1.1"])
    status, said = run("in", "--out", "out", "--redo")
    assert (status, "pip install" in said) == (EXIT_STOPPED, True)
    assert pictures(home / "out") == before


# --- Standard output, warnings, modes, locks


@pytest.mark.parametrize("flags", [[], ["--resume"], ["--dry-run"], ["--dry-run", "--resume"]])
def test_the_report_on_standard_output(home: Path, engine: Engine, flags: list[str]) -> None:
    run("more", "--out", "out", "--report", "-", stdout=io.StringIO())
    stdout = io.StringIO()
    assert run("in", "more", "--out", "out", "--report", "-", *flags, stdout=stdout)[0] == EXIT_CLEAN
    told = [json.loads(line) for line in stdout.getvalue().splitlines()]
    assert sorted(Path(row["file"]).name for row in told) == ["a.jpg", "b.jpg", "c.jpg"]
    assert not (home / "-").exists()
    assert not (home / "out/report.jsonl").exists()


@pytest.mark.parametrize("flags", [[], ["--dry-run"]])
def test_a_report_into_a_pipe(home: Path, engine: Engine, flags: list[str]) -> None:
    """As `--report /dev/stdout` and `--report >(jq …)`: what has no end is not replaced."""
    os.mkfifo(home / "pipe")
    reader = os.open(home / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert run("in", "--out", "out", "--report", "pipe", *flags)[0] == EXIT_CLEAN
    told = os.read(reader, 1 << 16)
    assert (told.count(b"\n"), os.read(reader, 1)) == (2, b"")
    os.close(reader)
    assert stat.S_ISFIFO((home / "pipe").stat().st_mode)


def test_a_report_behind_a_link(home: Path, engine: Engine) -> None:
    (home / "link").symlink_to(home / "deep" / "r.jsonl")
    for _ in range(2):
        assert run("in", "--out", "out", "--report", "link")[0] == EXIT_CLEAN
    assert (home / "link").is_symlink()
    assert len(listed(home / "deep/r.jsonl")) == 2


@pytest.mark.parametrize(
    ("paths", "status", "calls"),
    [
        (["in", "no*such"], EXIT_WARNED, 2),
        (["no*such"], EXIT_WARNED, 0),
        (["in/?.jpg"], EXIT_CLEAN, 2),
        (["in", "bad.jpg", "no*such"], EXIT_REFUSED, 2),
    ],
)
def test_a_pattern_without_a_match(home: Path, engine: Engine, paths: list[str], status: int, calls: int) -> None:
    told, said = run(*paths, "--out", "out")
    assert (told, engine.calls) == (status, calls)
    assert ("no*such" in said) is ("no*such" in paths)


def test_pictures_of_others_are_named(home: Path, engine: Engine) -> None:
    finished(home)
    (home / "out/IMG_1.jpg").write_bytes(b"\xff\xd8\xff")
    (home / "out/notes.txt").write_bytes(b"no picture")
    status, said = run("in", "--out", "out", "--resume", "--quiet")
    assert (status, "IMG_1.jpg" in said, "notes" in said) == (EXIT_WARNED, True, False)


@pytest.mark.parametrize("name", ["IMG_1.jpg", f"{'0' * 32}.jpg", "d41d8cd98f00b204e9800998ecf8427e.jpg"])
def test_pictures_of_others_are_never_removed(home: Path, engine: Engine, name: str) -> None:
    """Other programs make names of 32 digits too."""
    with_fewer_masks(home)
    (home / "out" / name).write_bytes(b"\xff\xd8\xff precious")
    status, said = run("in", "--out", "out", "--redo")
    assert (status, name in said) == (EXIT_WARNED, True)
    assert (home / "out" / name).read_bytes() == b"\xff\xd8\xff precious"


@pytest.mark.parametrize("name", ["../in/b.jpg", "{home}/in/b.jpg", "manifest.jsonl"])
def test_a_manifest_that_was_edited_removes_nothing_else(home: Path, engine: Engine, name: str) -> None:
    run("in/a.jpg", "--out", "out")
    path = home / "out/manifest.jsonl"
    (old,) = pictures(home / "out")
    path.write_text(path.read_text().replace(old, name.format(home=home)))
    for flag in ("--resume", "--redo"):
        run("in/a.jpg", "--out", "out", flag)
        run("in/a.jpg", "--out", "out", flag, "--keep-faces")
    assert (home / "in/b.jpg").read_bytes() == b"in/b.jpg"
    assert path.exists()


@pytest.mark.parametrize(("number", "is_raised"), [(errno.EINVAL, False), (errno.EIO, True)])
def test_folders_that_cannot_be_synced(
    home: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch, number: int, *, is_raised: bool
) -> None:
    """A Windows share says that it cannot; a disk that fails is another matter."""
    sync = os.fsync

    def fsync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))
        sync(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    assert run("in", "--out", "out")[0] == (EXIT_STOPPED if is_raised else EXIT_CLEAN)


def test_missing_pictures_are_named_and_not_made_again_unasked(home: Path, engine: Engine) -> None:
    missing_picture(home)
    status, said = run("more", "--out", "out")
    assert (status, "missing" in said) == (EXIT_WARNED, True)
    assert len(pictures(home / "out")) == 2


def test_leftovers_that_a_dry_run_would_remove(home: Path, engine: Engine) -> None:
    unnamed_picture(home)
    said = run("in", "--out", "out", "--redo", "--dry-run")[1]
    assert STRAY in said
    assert STRAY in run("in", "--out", "out", "--redo")[1]
    assert STRAY not in run("in", "--out", "out", "--redo")[1]


def test_what_is_made_is_its_owners(home: Path, engine: Engine) -> None:
    before = os.umask(0)
    try:
        run("in", "--out", "new/out", "--report", "other/new/r.jsonl")
    finally:
        os.umask(before)
    made = [path for name in ("new", "other") for path in (home / name, *(home / name).rglob("*"))]
    modes = {str(path): stat.S_IMODE(path.stat().st_mode) for path in made}
    assert len(modes) == 3 + 5
    assert all(mode == (0o600 if "." in Path(name).name else 0o700) for name, mode in modes.items())


def test_a_report_open_to_all_is_closed(home: Path, engine: Engine) -> None:
    finished(home)
    (home / "out/report.jsonl").chmod(0o644)
    run("in", "--out", "out", "--resume")
    assert stat.S_IMODE((home / "out/report.jsonl").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"\xff\xd8\xff\n\xe0\n", b"no end", b'{"a": 1}\n', b"[]\n"])
def test_a_report_that_is_none_is_left_alone(home: Path, engine: Engine, content: bytes) -> None:
    (home / "precious").write_bytes(content)
    status, said = run("in", "--out", "out", "--report", "precious")
    assert (status, "something else" in said) == (EXIT_STOPPED, True)
    assert (home / "precious").read_bytes() == content


@pytest.mark.parametrize("content", [b"", b'{"fi', b'{"file": "half'])
def test_a_report_that_was_just_begun(home: Path, engine: Engine, content: bytes) -> None:
    (home / "r.jsonl").write_bytes(content)
    assert run("in", "--out", "out", "--report", "r.jsonl")[0] == EXIT_CLEAN
    assert len(listed(home / "r.jsonl")) == 2


@pytest.mark.parametrize(
    ("held", "arguments", "status"),
    [
        ("out", ["--out", "out"], EXIT_STOPPED),
        ("out", ["--out", "other"], EXIT_CLEAN),
        ("out", ["--out", "out", "--dry-run"], EXIT_CLEAN),
        ("r.jsonl", ["--out", "other", "--report", "r.jsonl"], EXIT_STOPPED),
        ("r.jsonl", ["--out", "other"], EXIT_CLEAN),
    ],
)
def test_a_second_run_waits_for_its_turn(
    home: Path, engine: Engine, held: str, arguments: list[str], status: int
) -> None:
    run("more", "--out", "out", "--report", "r.jsonl")
    lines = storage.Lines(home / "r.jsonl")
    with storage.locked(home / "out"):
        if held == "r.jsonl":
            lines.open()
        told, said = run("in", *arguments)
    lines.close()
    assert (told, "Another run" in said) == (status, status == EXIT_STOPPED)
    assert run("in", *arguments)[0] == EXIT_CLEAN


def test_a_lock_goes_with_the_name(tmp_path: Path) -> None:
    """Whoever opened the file before it was replaced does not write into what no longer has a name."""
    first, second = storage.Lines(tmp_path / "r"), storage.Lines(tmp_path / "r")
    first.open()
    first.append(b"one\n")
    first.replace(b"two\n")
    with pytest.raises(storage.Busy):
        second.open()
    first.close()
    second.open()
    second.append(b"three\n")
    assert (tmp_path / "r").read_bytes() == b"two\nthree\n"
    second.close()


def test_a_file_replaced_while_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock, times = storage._lock, []

    def replaced(handle: int, path: Path) -> None:
        lock(handle, path)
        if not times:
            (tmp_path / "new").touch()
            (tmp_path / "new").replace(path)
        times.append(handle)

    monkeypatch.setattr(storage, "_lock", replaced)
    lines = storage.Lines(tmp_path / "r")
    lines.open()
    lines.append(b"here\n")
    lines.close()
    assert (len(times), (tmp_path / "r").read_bytes()) == (2, b"here\n")


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = storage.Lines(tmp_path / "r")
    lines.open()
    lines.append(b"old\n")

    def full(handle: int, data: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            lines.replace(b"new\n")
    lines.append(b"more\n")
    lines.close()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"r": b"old\nmore\n"}


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ({"x": 0.1}, {"x": 0.4}, ["--x 0.1, now 0.4"]),
        ({"x": None}, {"x": "all"}, ["--x not given, now all"]),
        ({}, {"x": None}, ["--x unknown, now not given"]),
        ({"x": True}, {"x": False}, ["--x given, now not given"]),
        ({"x": False}, {"x": False}, []),
    ],
)
def test_differences_in_words(
    monkeypatch: pytest.MonkeyPatch, before: dict[str, object], now: dict[str, object], told: list[str]
) -> None:
    monkeypatch.setattr(arguments, "SETTINGS", [arguments.Setting("--x", "x", None, {"action": "store_true"})])
    assert arguments.differences({"engine": "4", "flags": before}, {"engine": "4", "flags": now}) == told


def test_settings_have_names_of_their_own() -> None:
    names = [setting.name for setting in arguments.SETTINGS]
    assert len(set(names)) == len(names)
    assert {"style", "keep_faces", "text", "min_score"} <= set(names)
    assert isinstance(report.ReportStream(io.StringIO()).read(), list)
    assert ledger.OWN_NAME.fullmatch(STRAY)
