"""The command line: one row a file, nothing identifying in names, exit status that tells."""

from __future__ import annotations

import dataclasses
import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from imaging.cli import command as cli
from imaging.cli.folders import list_files
from imaging.engine import ENGINE_VERSION, Asked, DetectorMissing, Options, Region, deidentify, verify
from imaging.engine.sandbox.client import ROOT
from tests.imaging.engine import pictures
from tests.imaging.engine.pictures import chart, encoded, exif

FIELDS = {"file", "status", "reason", "output", "sha256", "width", "height", "regions", "found", "seconds"}


def run(*arguments):
    """Returns the exit status and what went to the terminal."""
    stream = io.StringIO()
    parser = cli.argparse.ArgumentParser()
    cli.add_arguments(parser)
    return cli.run(parser.parse_args([str(one) for one in arguments]), stream), stream.getvalue()


def rows(path):
    return {row["file"].rpartition("/")[2]: row for row in map(json.loads, path.read_text().splitlines())}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder as people have them: pictures, junk, hidden files, a folder in it."""
    home = tmp_path_factory.mktemp("in")
    (home / "deep").mkdir()
    (home / "Mrs Canary.jpg").write_bytes(encoded(chart(), "JPEG", exif=exif(6, thumbnail=True)))
    (home / "deep" / "face.png").write_bytes(pictures.astronaut())
    (home / "broken.jpg").write_bytes(b"\xff\xd8\xff but no more")
    (home / "picture.txt").write_bytes(encoded(chart(), "PNG"))
    (home / "notes.txt").write_text("no picture")
    (home / "mystery.xyz").write_text("no picture, and no ending that says so")
    (home / ".hidden.jpg").write_bytes(encoded(chart(), "JPEG"))
    return home


@pytest.fixture(scope="module")
def done(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    status, said = run(folder, "--out", out, "--report", out / "r.jsonl", "--jobs", 2)
    return out, status, said, rows(out / "r.jsonl")


def test_every_file_of_a_folder_gets_one_row(done):
    assert {name: row["status"] for name, row in done[3].items()} == {
        "Mrs Canary.jpg": "clean",
        "face.png": "clean",
        "picture.txt": "clean",
        "broken.jpg": "refused",
        "mystery.xyz": "refused",
    }


def test_a_refusal_sets_the_exit_status_and_gives_its_reason(done):
    _, status, said, report = done
    assert status == 1
    assert report["broken.jpg"]["reason"].endswith(".")
    assert report["broken.jpg"]["code"] == "broken"
    assert "refused" in said


def test_the_summary_counts_by_reason_and_kind(done):
    _, _, said, report = done
    blocks = dict(block.split("\n", 1) for block in said.split("\n\n")[1:])
    assert blocks["clean     refused   regions   seconds"].split()[:2] == ["3", "2"]
    counts = {
        title: {name: int(count) for count, name in (line.split() for line in body.strip().splitlines())}
        for title, body in blocks.items()
        if "seconds" not in title
    }
    assert counts["refused because"] == {"broken": 1, "unknown_format": 1}
    assert {"face", "eye"} <= set(counts["regions"])
    assert sum(counts["regions"].values()) == sum(len(row["regions"]) for row in report.values())
    assert counts["found and left behind, files"]["gps"] == 1
    assert counts["warnings, files"]["small"] == 3


def test_rows_have_every_field(done):
    assert all(set(row) >= FIELDS for row in done[3].values())


def test_names_of_files_are_not_carried_over(done):
    out, _, _, report = done
    written = {path.name for path in out.iterdir()} - {"r.jsonl"}
    assert written == {row["output"].rpartition("/")[2] for row in report.values() if row["output"]}
    assert not any("canary" in name.lower() for name in written)
    assert not any(name.startswith(".") for name in written)


def test_what_was_found_is_reported_and_gone(done):
    _, _, _, report = done
    row = report["Mrs Canary.jpg"]
    data = open(row["output"], "rb").read()  # noqa: PTH123, SIM115
    assert {"gps", "thumbnail", "owner"} <= set(row["found"])
    assert (row["width"], row["height"]) == (48, 64)
    assert pictures.SECRET.encode() not in data
    verify(data)


def test_a_face_is_reported_in_pixels(done):
    regions = done[3]["face.png"]["regions"]
    eyes = [region for region in regions if region["kind"] == "eye"]
    faces = [region for region in regions if region["kind"] == "face"]
    for x, y in ((204, 108), (246, 109)):
        assert any(e["x"] < x < e["x"] + e["width"] and e["y"] < y < e["y"] + e["height"] for e in eyes)
    assert faces[0]["score"] > 0.9


def test_no_picture_refused_is_status_nought(folder, tmp_path):
    status, said = run(folder / "deep", "--out", tmp_path, "--quiet", "--no-text")
    assert (status, said) == (0, "")
    assert (tmp_path / "report.jsonl").exists()


def test_a_file_named_is_always_reported(folder, tmp_path):
    status, _ = run(folder / "notes.txt", folder / "absent.jpg", folder / "notes.txt", "--out", tmp_path)
    report = rows(tmp_path / "report.jsonl")
    assert status == 1
    assert report["notes.txt"]["code"] == "unknown_format"
    assert "exists" in report["absent.jpg"]["reason"]
    assert len((tmp_path / "report.jsonl").read_text().splitlines()) == 2


def test_globs_are_read_here_where_the_shell_left_them(folder, tmp_path):
    assert list_files([str(folder / "Mrs*"), str(folder / "de*"), str(folder / "no*such")]) == [
        str(folder / "Mrs Canary.jpg"),
        str(folder / "deep" / "face.png"),
    ]


def test_a_dry_run_writes_no_picture(folder, tmp_path):
    run(folder / "picture.txt", "--out", tmp_path, "--dry-run", "--no-text")
    assert [path.name for path in tmp_path.iterdir()] == ["report.jsonl"]
    assert rows(tmp_path / "report.jsonl")["picture.txt"]["output"] is None


@pytest.fixture
def begun(folder, tmp_path):
    """A run that was killed while it wrote its last line, and what it had got ready to say."""
    arguments = (folder / "picture.txt", folder / "broken.jpg", "--out", tmp_path, "--no-text", "--resume")
    run(*arguments)
    report = tmp_path / "report.jsonl"
    row = rows(report)["picture.txt"]
    report.write_text(report.read_text() + '{"file": "half a li')
    (tmp_path / f".{'0' * 32}.1.1.part").write_bytes(b"half a pict")
    return arguments, report, row


def test_a_run_is_taken_up_where_it_stopped(begun, monkeypatch):
    arguments, report, _ = begun
    asked = []
    monkeypatch.setattr(cli, "deidentify", lambda data, options: asked.append(data) or deidentify(data, options))
    _, said = run(*arguments)
    assert "1         1" in said  # the clean one of the first run is counted too
    assert len(asked) == 1  # the refused one alone is tried again
    assert sorted(rows(report)) == ["broken.jpg", "picture.txt"]
    assert not list(report.parent.glob(".*"))


def newer(report, row):
    os.utime(row["output"], (1, 1))


def gone(report, row):
    Path(row["output"]).unlink()


def of_another_engine(report, row):
    report.write_text(json.dumps({**row, "engine": "0"}) + "\n")


def of_an_older_form(report, row):
    report.write_text(json.dumps({key: row[key] for key in FIELDS}) + "\n")


@pytest.mark.parametrize("change", [newer, gone, of_another_engine, of_an_older_form])
def test_what_is_finished_no_longer_is_done_again(begun, change):
    arguments, report, row = begun
    change(report, row)
    run(*arguments)
    row = rows(report)["picture.txt"]
    picture = Path(row["output"])
    assert row["engine"] == ENGINE_VERSION
    assert picture.stat().st_mtime > 1
    verify(picture.read_bytes())


@pytest.mark.parametrize(
    ("flags", "skipped"),
    [
        (["--no-text"], True),
        (["--no-text", "--dry-run"], True),
        (["--no-text", "--style", "bar"], False),
        (["--no-text", "--keep-faces"], False),
        (["--no-text", "--min-score", "0.4"], False),
        ([], False),
    ],
)
def test_only_the_same_flags_take_a_run_up(begun, monkeypatch, folder, flags, skipped):
    _, report, _ = begun
    asked = []
    monkeypatch.setattr(cli, "deidentify", lambda data, options: asked.append(data) or deidentify(data, options))
    run(folder / "picture.txt", "--out", report.parent, "--resume", *flags)
    assert (not asked) is skipped


def test_a_dry_run_is_not_taken_for_a_finished_one(folder, tmp_path):
    arguments = (folder / "picture.txt", "--out", tmp_path, "--no-text", "--resume")
    run(*arguments, "--dry-run")
    run(*arguments)
    assert rows(tmp_path / "report.jsonl")["picture.txt"]["output"]


@pytest.mark.parametrize(
    "name", ["two\nlines.png", "\u2028.png", "\N{WHITE SMILING FACE}\N{NO-BREAK SPACE}.png", "caf\udce9.png"]
)
def test_whatever_a_file_is_called(tmp_path, name):
    """Names that are no UTF-8 too; the report keeps one line a file, and a run can be taken up."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(encoded(chart(), "PNG"))
    arguments = (tmp_path / "in", "--out", tmp_path / "out", "--no-text", "--resume")
    assert run(*arguments)[0] == 0
    assert run(*arguments)[0] == 0
    lines = (tmp_path / "out" / "report.jsonl").read_text().splitlines()
    assert [json.loads(line)["file"] for line in lines] == [str(tmp_path / "in" / name)]


def test_the_same_name_in_two_folders(tmp_path):
    for name, pixels in (("a", chart()), ("b", chart()[::-1])):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "IMG_0001.png").write_bytes(encoded(pixels, "PNG"))
    run(tmp_path / "in", "--out", tmp_path / "out", "--no-text")
    assert len(list((tmp_path / "out").glob("*.png"))) == 2


def test_clean_pictures_below_the_folder_that_is_read_are_not_read_again(tmp_path):
    (tmp_path / "one.png").write_bytes(encoded(chart(), "PNG"))
    for _ in range(2):
        assert run(tmp_path, "--out", tmp_path / "clean", "--no-text")[0] == 0
    assert list(rows(tmp_path / "clean" / "report.jsonl")) == ["one.png"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([".", "--out", "."], "Choose another"),
        (["empty", "--out", "out"], "no picture"),
        (["no*such", "--out", "out"], "no picture"),
        (["one.png", "--out", "one.png"], "cannot be written: File exists"),
        (["one.png", "--out", "out", "--report", "empty"], "cannot be written: Is a directory"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "one.png").write_bytes(encoded(chart(), "PNG"))
    status, text = run(*arguments)
    assert status == cli.EXIT_STOPPED
    assert said in text


@pytest.mark.parametrize(
    ("flags", "status", "asked"),
    [([], 0, 1), (["--strict"], 3, 1), (["--strict", "--quiet"], 3, 1), (["--strict", "--paint-asked"], 0, 0)],
)
def test_what_is_left_visible_is_said_in_report_summary_and_status(tmp_path, monkeypatch, flags, status, asked):
    picture = tmp_path / "a.png"
    picture.write_bytes(encoded(chart(), "PNG"))
    done = deidentify(picture.read_bytes(), Options())
    much = Region("eye", 0.0, 0.0, 60.0, 40.0, 0.2, "retinaface", why_asked=Asked.COVERS_MUCH)
    there = dataclasses.replace(done, inspection=dataclasses.replace(done.inspection, regions=(much,)))
    monkeypatch.setattr(cli, "deidentify", lambda data, options: there)
    got, said = run(picture, "--out", tmp_path / "out", *flags)
    (row,) = rows(tmp_path / "out" / "report.jsonl").values()
    assert got == status
    assert row["asked"] == [{"region": 0, "kind": "eye", "why": "covers_much"}][:asked]
    assert row["regions"][0]["why_asked"] == "covers_much"
    assert (row["regions"][0]["mask"] is None) == bool(asked)
    assert ("1 of the clean pictures may show something" in said) == bool(asked)
    assert ("eye: covers_much" in said) == (bool(asked) and "--quiet" not in flags)


@pytest.mark.parametrize("flags", [["--jobs", "0"], ["--min-score", "nan"], ["--min-score", "2"], ["--style", "blur"]])
def test_flags_out_of_range_are_refused(flags, capsys):
    with pytest.raises(SystemExit):
        run("x", "--out", "y", *flags)
    assert flags[0] in capsys.readouterr().err


def test_no_more_jobs_than_cores():
    assert cli._jobs("1000") == cli.CORES


def full(*arguments):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_stops_the_run_and_leaves_nothing_half_written(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "replace", full)
    status, said = run(folder / "picture.txt", "--out", tmp_path, "--no-text")
    assert (status, "No space left" in said, "--resume" in said) == (cli.EXIT_STOPPED, True, True)
    assert [path.name for path in tmp_path.iterdir()] == ["report.jsonl"]


def interrupted(*arguments):
    raise KeyboardInterrupt


def test_an_interrupted_run_says_how_to_go_on(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(cli.ProgressBar, "step", interrupted)
    status, said = run(folder, "--out", tmp_path, "--no-text", "--jobs", 1)
    assert (status, "--resume" in said) == (cli.EXIT_INTERRUPTED, True)
    assert len((tmp_path / "report.jsonl").read_text().splitlines()) == 1


def test_a_missing_model_is_no_refused_picture(folder, tmp_path, monkeypatch):
    def missing(*arguments):
        raise DetectorMissing

    monkeypatch.setattr(cli, "deidentify", missing)
    status, said = run(folder, "--out", tmp_path)
    assert (status, "model" in said) == (cli.EXIT_STOPPED, True)


def test_a_folder_that_may_not_be_read_is_reported(folder, tmp_path, monkeypatch):
    """Tests may run as root, who may read everything."""
    listed = os.scandir

    def scandir(path):
        if str(path).endswith("deep"):
            raise PermissionError(errno.EACCES, "no", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    run(folder, "--out", tmp_path, "--no-text")
    assert "may be read" in rows(tmp_path / "report.jsonl")["deep"]["reason"]


def test_links_are_followed_but_not_in_circles_and_pipes_are_left_alone(tmp_path):
    home = tmp_path / "in"
    (tmp_path / "elsewhere").mkdir()
    home.mkdir()
    (tmp_path / "elsewhere" / "one.png").write_bytes(encoded(chart(), "PNG"))
    (home / "round").symlink_to(home)
    (home / "link").symlink_to(tmp_path / "elsewhere")
    (home / "dangling.png").symlink_to(tmp_path / "nowhere.png")
    os.mkfifo(home / "pipe.png")
    assert list_files([str(home)]) == [str(home / "dangling.png"), str(home / "link" / "one.png")]
    assert cli.process_file(str(home / "pipe.png"), None, Options())["code"] == "broken"


@pytest.mark.parametrize(
    ("flags", "kinds", "styles"),
    [
        ((), {"face", "eye"}, {"veil", "bar"}),
        (("--style", "bar"), {"face", "eye"}, {"bar"}),
        (("--keep-faces",), {"face", "eye"}, {"bar"}),
    ],
)
def test_flags_change_the_masks(folder, tmp_path, flags, kinds, styles):
    parser = cli.argparse.ArgumentParser()
    cli.add_arguments(parser)
    got = parser.parse_args([str(folder), "--out", str(tmp_path), *flags])
    options = Options(face_style=got.style, keep_faces=got.keep_faces)
    result = cli.deidentify(pictures.astronaut(), options)
    assert {region.kind for region in result.inspection.regions} == kinds
    assert {mask.style for mask in result.masks} == styles
    written = [region["mask"] for region in cli._describe(result, options)["regions"]]
    assert [mask for mask in written if mask] == [cli.dataclasses.asdict(mask) for mask in result.masks]


def test_python_m_imaging(folder, tmp_path):
    command = [sys.executable, "-m", "imaging", str(folder / "picture.txt"), "--out", str(tmp_path), "--no-text"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "1/1" in done.stderr


def test_the_bar_says_how_long_it_will_take():
    progress = cli.ProgressBar(10, io.StringIO(), quiet=False)
    progress.count = 5
    assert progress.line(progress.began + 5) == "[############............] 5/10  1.0 a second  5 s left  "


def test_the_summary_leaves_out_what_there_is_none_of():
    assert cli.Summary({}).table(0.04) == "\nclean     refused   regions   seconds\n0         0         0         0.0\n"


@pytest.mark.parametrize("program", [["-m", "imaging"], ["manage.py", "deidentify"]])
def test_both_commands_have_every_flag(program):
    done = subprocess.run([sys.executable, *program, "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    flags = (
        "--out",
        "--report",
        "--jobs",
        "--dry-run",
        "--style",
        "--keep-faces",
        "--no-text",
        "--resume",
        "--quiet",
        "--strict",
        "--paint-asked",
    )
    assert [flag for flag in flags if flag not in done.stdout] == []


def test_manage_py_deidentify(folder, tmp_path):
    command = [sys.executable, "manage.py", "deidentify", str(folder / "picture.txt"), "--out", str(tmp_path)]
    done = subprocess.run([*command, "--no-text"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "report.jsonl")["picture.txt"]["status"] == "clean"
