"""The command line: one row a file, nothing identifying in names, exit status that tells."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from imaging import cli
from imaging.engine import Options, verify
from imaging.engine.sandbox import ROOT
from tests.imaging import pictures
from tests.imaging.pictures import chart, encoded, exif

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
    assert cli.list_files([str(folder / "Mrs*"), str(folder / "de*"), str(folder / "no*such")]) == [
        str(folder / "Mrs Canary.jpg"),
        str(folder / "deep" / "face.png"),
    ]


def test_a_dry_run_writes_no_picture(folder, tmp_path):
    run(folder / "picture.txt", "--out", tmp_path, "--dry-run", "--no-text")
    assert [path.name for path in tmp_path.iterdir()] == ["report.jsonl"]
    assert rows(tmp_path / "report.jsonl")["picture.txt"]["output"] is None


def test_a_run_is_taken_up_where_it_stopped(folder, tmp_path):
    arguments = (folder / "picture.txt", folder / "broken.jpg", "--out", tmp_path, "--no-text", "--resume")
    run(*arguments)
    report = tmp_path / "report.jsonl"
    report.write_text(report.read_text() + '{"file": "half a li')
    report.write_text(report.read_text() + "\n")
    _, said = run(*arguments)
    assert "1         1" in said  # the clean one of the first run is counted too
    files = [json.loads(line)["file"] for line in report.read_text().splitlines() if line.endswith("}")]
    assert sum(file.endswith("picture.txt") for file in files) == 1
    assert sum(file.endswith("broken.jpg") for file in files) == 2


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


def test_python_m_imaging(folder, tmp_path):
    command = [sys.executable, "-m", "imaging", str(folder / "picture.txt"), "--out", str(tmp_path), "--no-text"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "1/1" in done.stderr


def test_the_bar_says_how_long_it_will_take():
    progress = cli.Progress(10, io.StringIO(), quiet=False)
    progress.count = 5
    assert progress.line(progress.began + 5) == "[############............] 5/10  1.0 a second  5 s left  "


def test_the_summary_leaves_out_what_there_is_none_of():
    assert cli.Tally({}).table(0.04) == "\nclean     refused   regions   seconds\n0         0         0         0.0\n"


@pytest.mark.parametrize("program", [["-m", "imaging"], ["manage.py", "deidentify"]])
def test_both_commands_have_every_flag(program):
    done = subprocess.run([sys.executable, *program, "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    flags = ("--out", "--report", "--jobs", "--dry-run", "--style", "--keep-faces", "--no-text", "--resume", "--quiet")
    assert [flag for flag in flags if flag not in done.stdout] == []


def test_manage_py_deidentify(folder, tmp_path):
    command = [sys.executable, "manage.py", "deidentify", str(folder / "picture.txt"), "--out", str(tmp_path)]
    done = subprocess.run([*command, "--no-text"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "report.jsonl")["picture.txt"]["status"] == "clean"
