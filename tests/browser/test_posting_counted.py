"""How `bench.posting` counts, on a page of its own: taps, keys, words, screens."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from bench.posting.counting import Hand, Reader, Tally, seconds, words_in
from bench.posting.reading import Seen
from bench.posting.report import eaters, load, row_of, save, table

PAGE = """<!doctype html><title>Case · Rete</title>
<style>
  .visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip: rect(0, 0, 0, 0); }
  label { display: block }
  .far { margin-top: 3000px }
</style>
<header>Site header</header>
<main>
  <h1>Case one</h1>
  <p>Read <b>this</b> whole<span class="visually-hidden"> unheard</span> sentence.</p>
  <p hidden>Hidden words</p><p class="save-status">Saving</p>
  <img alt="Alternative text">
  <section>
    <h2>Questions</h2>
    <fieldset><legend>Tattoo</legend><label><input type="radio" name="a"> Not there</label></fieldset>
    <fieldset><legend>Clock</legend><label><input type="radio" name="b"> Not there</label></fieldset>
    <label for="list">Age</label>
    <select id="list"><option value="">---------</option><option value="1">1-5 years old</option>
      <option value="2">6-12 years old</option><option value="3">Grown up</option></select>
    <label for="title">Title</label><input id="title" placeholder="A few words">
    <p id="missing">Still missing: title, age, pictures.</p>
  </section>
  <details><summary>More</summary><p>Folded words here</p></details>
  <button type="button" id="ask">Ask</button>
  <input type="file" multiple id="files" hidden><button type="button" id="choose">Choose</button>
  <canvas id="pad" width="200" height="80"></canvas>
  <p class="far"><button type="button" id="hold">Hold</button></p>
</main>
<dialog><h2>Sure?</h2><p>It is gone then.</p><form method="dialog"><button>Yes</button></form></dialog>
<footer>Site footer</footer>
<script>{
  const by = (id) => document.getElementById(id);
  by("ask").onclick = () => document.querySelector("dialog").showModal();
  by("choose").onclick = () => by("files").click();
  by("list").onchange = () => { by("missing").textContent = "Still missing: title, pictures."; };
  window.moved = 0;
  by("pad").onpointermove = (event) => { window.moved += event.buttons; };
}</script>"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page(viewport={"width": 360, "height": 780})
    yield page
    page.close()


@pytest.fixture
def hand(page: Page) -> Hand:
    page.set_content(PAGE)
    hand = Hand(page)
    hand.wait(hand.find("h1"))
    return hand


def read(hand: Hand) -> list[str]:
    """The texts counted since the last call."""
    texts = [text for _screen, text in hand.tally.read]
    hand.tally.read.clear()
    return texts


def test_what_stands_there_is_read_once(hand: Hand) -> None:
    assert read(hand) == [
        "Case one",
        "Read this whole sentence.",
        "Questions",
        "Tattoo",
        "Not there",  # the second one says the same
        "Clock",
        "Age",
        "---------",
        "Title",
        "A few words",
        "Still missing: title, age, pictures.",
        "More",
        "Ask",
        "Choose",
        "Hold",
    ]
    assert hand.tally.words == {
        ("Case", "Case one"): 9,  # the buttons after the section too
        ("Case", "Questions"): 11,  # the dashes of the list are no word
        ("Case", "Tattoo"): 3,
        ("Case", "Clock"): 1,
        ("Case", "More"): 1,
    }
    hand.tap(hand.label("Not there").first)
    assert read(hand) == []


def test_folded_words_count_once_opened(hand: Hand) -> None:
    read(hand)
    hand.tap(hand.find("summary"))
    assert read(hand) == ["Folded words here"]


def test_a_native_list_is_two_taps_and_read_down_to_the_choice(hand: Hand) -> None:
    read(hand)
    hand.select(hand.find("#list"), "2")
    assert hand.tally.taps == {("Case", "Questions"): 2}
    assert read(hand) == ["1-5 years old", "6-12 years old"]  # and what is missing only became less
    assert hand.tally.listed == 6


def test_typing_is_a_tap_once_and_a_key_for_each_character(hand: Hand) -> None:
    field = hand.find("#title")
    hand.type(field, "Scaly")
    hand.type(field, " plaque")
    assert (hand.tally.taps.total(), hand.tally.keys.total()) == (1, 12)
    assert field.value() == "Scaly plaque"


def test_a_dialog_is_a_screen_and_the_page_behind_it_is_none(hand: Hand) -> None:
    read(hand)
    hand.tap(hand.button("Ask"))
    assert read(hand) == ["Sure?", "It is gone then.", "Yes"]
    hand.tap(hand.button("Yes"))
    assert hand.tally.screens == ["Case", "Case > Sure?"]
    assert hand.tally.taps == {("Case", "Case one"): 1, ("Case > Sure?", "Sure?"): 1}


def test_files_a_drag_a_hold_and_the_way_there(hand: Hand, page: Page, tmp_path: Path) -> None:
    files = [tmp_path / "a.jpg", tmp_path / "b.jpg"]
    for file in files:
        file.write_bytes(b"")
    hand.choose_files(hand.find("#choose"), files)
    assert hand.tally.taps.total() == 4  # the button, two pictures, the picker's own button
    hand.draw(hand.find("#pad"))
    assert hand.tally.taps.total() == 5
    assert page.evaluate("window.moved") > 0
    assert hand.tally.swipes == 0
    hand.hold(hand.find("#hold"), held=0.3)
    assert (hand.tally.taps.total(), hand.tally.held) == (6, 0.3)
    assert hand.tally.swipes == 5  # 3,000 px by swipes of 624
    assert hand.tally.seconds == pytest.approx(0.3 + 6 * 1.1 + hand.tally.words.total() / 4)


def test_questions_of_one_list_are_one_part_for_the_hand(hand: Hand) -> None:
    for box in hand.find("fieldset").each():
        hand.tap(box.label("Not there"))
    assert hand.tally.taps == {("Case", "Questions"): 2}


def seen(*texts: str, screen: str = "Case", address: str = "/a/") -> Seen:
    return Seen(screen, address, tuple(("", text) for text in texts))


@pytest.mark.parametrize(
    ("then", "words"),
    [
        (seen("Fill in: title, age."), 0),
        (seen("Fill in: title, age.", "Saved"), 1),
        (seen("Fill in: age."), 0),  # only shorter
        (seen("Fill in: title, age, sex."), 5),  # another text
        (seen("Fill in: title, age.", "Fill in: age."), 3),  # the longer one still stands
        (seen("Fill in: title, age.", screen="Consent", address="/b/"), 0),  # known from the page before
    ],
)
def test_texts_that_change(then: Seen, words: int) -> None:
    reader = Reader(Tally())
    reader.look(seen("Fill in: title, age."))
    reader.tally.words.clear()
    reader.look(then)
    assert reader.tally.words.total() == words


def test_digits_tell_texts_apart_beside_each_other_but_not_from_what_was_read_before() -> None:
    reader = Reader(Tally())
    reader.look(seen("Picture 1 of 3"))
    assert not reader.look(seen("Picture 2 of 3"))
    assert reader.look(seen("Picture 2 of 3", address="/b/"))
    assert (reader.tally.words.total(), reader.tally.screens) == (4, ["Case", "Case"])
    reader.look(seen("0-5 years", "6-12 years", "6-12 years"))
    assert reader.tally.words.total() == 4 + 4


def test_seconds_of_the_model() -> None:
    assert seconds(taps=10, keys=100, words=400) == pytest.approx(11 + 28 + 100)
    assert words_in("Age * – 40-49 years, (needed)") == ["Age", "40-49", "years,", "(needed)"]
    assert words_in(" 2 ") == []


def test_before_and_after_stand_beside_each_other(tmp_path: Path) -> None:
    reader = Reader(Tally())
    reader.look(seen("One two three four"))
    before = {"one": row_of("One picture", reader.tally)}
    save(tmp_path / "before.json", before)
    reader.tally.taps["Case", "Questions"] += 2
    after = {"one": row_of("One picture", reader.tally), "new": row_of("Another", Tally())}
    assert table(after, load(tmp_path / "before.json")).splitlines()[2:] == [
        "| One picture: before | 0 | 0 | 4 | 0 | 1 | 0 | 1 |",
        "| after | 2 | 0 | 4 | 0 | 1 | 0 | 3 |",
        "| difference | +2 | +0 | +0 | +0 | +0 | +0 | +2 |",
        "| Another | 0 | 0 | 0 | 0 | 0 | 0 | 0 |",
    ]
    assert "      4  Case: (no heading)" in eaters(after)
    assert "      2  Case: Questions" in eaters(after)
