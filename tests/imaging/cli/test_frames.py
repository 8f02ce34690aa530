"""Files that hold several pictures: refused with their number, or each chosen one cleaned by itself."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
from PIL import Image

from imaging.cli import frames, rows
from imaging.engine import Options, Refused, deidentify
from tests.imaging.cli.commands import run
from tests.imaging.engine.pictures import chart, encoded


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "in"
    home.mkdir()
    pages = [Image.fromarray(chart(64, 48 + 4 * number)) for number in (1, 2)]
    (home / "pages.tif").write_bytes(encoded(chart(), "TIFF", save_all=True, append_images=pages))
    (home / "one.png").write_bytes(encoded(chart(80, 60), "PNG"))
    return home


def report(out):
    return [json.loads(line) for line in (out / "report.jsonl").read_text().splitlines()]


def cleaned(told):
    return sorted((row["file"].rpartition("/")[2], row["frame"], row["height"]) for row in told if row["output"])


@pytest.mark.parametrize(
    ("chosen", "heights"),
    [("all", [48, 52, 56]), ("2", [52]), ("1,3", [48, 56]), ("2-9", [52, 56]), ("3,2-3", [52, 56])],
)
def test_each_chosen_picture_has_a_row_and_a_file(folder, tmp_path, chosen, heights):
    out = tmp_path / "out"
    status, _ = run(folder, "--out", out, "--frames", chosen, "--no-text", "--quiet")
    expected = [("one.png", None, 60), *(("pages.tif", (height - 44) // 4, height) for height in heights)]
    assert (status, cleaned(report(out))) == (0, expected)
    assert len({row["output"] for row in report(out)}) == len(expected)


@pytest.mark.parametrize("more", [[], ["--frames", "7"]])
def test_without_a_choice_the_number_is_told(folder, tmp_path, more):
    out = tmp_path / "out"
    status, _ = run(folder / "pages.tif", "--out", out, "--quiet", *more)
    (row,) = report(out)
    assert (status, row["code"]) == (1, "multi_page")
    assert row["reason"] == "The file holds 3 pictures. Choose with --frames: all, or numbers like 1,3-5."


def test_another_choice_is_another_setting(folder, tmp_path):
    out = tmp_path / "out"
    run(folder, "--out", out, "--frames", "1,2", "--no-text", "--quiet")
    before = (out / "report.jsonl").read_text()
    status, said = run(folder, "--out", out, "--frames", "all", "--no-text", "--quiet", "--resume")
    assert (status, "--frames 1,2, now all" in " ".join(said.split())) == (2, True)
    assert (out / "report.jsonl").read_text() == before
    status, _ = run(folder, "--out", out, "--frames", "all", "--no-text", "--quiet", "--redo")
    assert cleaned(report(out)) == [("one.png", None, 60), *(("pages.tif", n, 44 + 4 * n) for n in (1, 2, 3))]


def test_a_run_is_taken_up_file_by_file(folder, tmp_path, monkeypatch):
    out = tmp_path / "out"
    run(folder, "--out", out, "--frames", "all", "--no-text", "--quiet")
    asked = []
    monkeypatch.setattr(
        rows, "deidentify", lambda data, options: asked.append(options.frame) or deidentify(data, options)
    )
    run(folder, "--out", out, "--frames", "1-3,2-500", "--no-text", "--quiet", "--resume")
    assert asked == []  # refused: another choice of words, and so other settings
    (gone,) = (row["output"] for row in report(out) if row["frame"] == 2)
    Path(gone).unlink()
    run(folder, "--out", out, "--frames", "all", "--no-text", "--quiet", "--resume")
    assert asked == [1, 2, 3]
    assert cleaned(report(out)) == [("one.png", None, 60), *(("pages.tif", n, 44 + 4 * n) for n in (1, 2, 3))]


def test_one_picture_that_is_refused_leaves_the_others(folder, tmp_path, monkeypatch):
    def but_the_second(data, options):
        if options.frame == 2:
            raise Refused("too_large")
        return deidentify(data, options)

    monkeypatch.setattr(rows, "deidentify", but_the_second)
    out = tmp_path / "out"
    status, _ = run(folder / "pages.tif", "--out", out, "--frames", "all", "--no-text", "--quiet")
    assert status == 1
    assert [(row["frame"], row.get("code")) for row in report(out)] == [(1, None), (2, "too_large"), (3, None)]


@pytest.mark.parametrize(("text", "kept"), [("all", "all"), ("2", "2"), ("1, 3-5", "1,3-5"), ("4-4", "4")])
def test_a_choice_is_kept_in_one_form(text, kept):
    assert frames.parse(text) == kept


@pytest.mark.parametrize("text", ["", "none", "0", "3-1", "-2", "1,,2", "1-b"])
def test_numbers_that_are_none(text):
    with pytest.raises(argparse.ArgumentTypeError):
        frames.parse(text)


def test_a_very_long_range_costs_nothing():
    assert frames.choose(frames.ranges("1-99999999999"), 3) == [1, 2, 3]


@pytest.mark.parametrize("code", ["multi_page", "broken"])
def test_a_file_that_cannot_be_counted_keeps_its_sentence(code):
    refusal = Refused(code)
    assert frames.sentence(encoded(chart(), "PNG"), refusal, Options()) == refusal.sentence
    assert frames.sentence(b"nothing", refusal, Options()) == refusal.sentence
    assert frames.find(b"nothing", frames.ALL, Options()) == []
