"""The pages of posting as they are now: what a person does on each. This is what changes when the pages change.

Each function begins where its page stands and ends on the next one. Texts are typed as a clinician would who knows
what is asked; nothing that may be left out is filled in.
"""

from dataclasses import dataclass
from pathlib import Path

from bench.posting.counting import Hand, Thing

PIN = "2468"


@dataclass(frozen=True)
class Picture:
    """A picture's file, and the answers to what is asked about it."""

    file: Path
    kind: str
    mode: str = ""  # of dermoscopy
    stain: str = ""  # of histology


@dataclass(frozen=True)
class Facts:
    """What is said about a case: coded values as the lists have them, and what is typed."""

    title: str
    note: str
    age: str
    sex: str
    site: str
    duration: str
    morphology: str
    diagnosis: str  # as far as it is typed
    question: str = "diagnosis"


def begin(hand: Hand) -> None:
    """From the member's first page to the page of the pictures."""
    hand.tap(hand.link("New case").first, until=hand.button("Choose pictures"))


def add_pictures(hand: Hand, pictures: list[Picture]) -> None:
    """Choose the files, wait until the machine has looked at them, and say what each shows."""
    waiting = hand.find(".picture-status").having("Your review is needed")
    hand.choose_files(
        hand.button("Choose pictures"), [one.file for one in pictures], until=_nth(waiting, len(pictures))
    )
    for card, picture in zip(hand.find(".picture-card").each(), pictures, strict=True):
        answers = {"kind": picture.kind, "mode": picture.mode, "stain": picture.stain}
        for name, value in answers.items():
            if value:  # saved by itself; a person is slower than that
                hand.select(card.find(f"select[name$={name}]"), value, until=card.find("[data-state=saved]"))


def review(hand: Hand, pictures: list[Picture]) -> None:
    """Go through the studio for each picture and come back to the pictures, masked and sealed."""
    sealed = hand.find(".picture-status").having("Masked and sealed")
    hand.tap(hand.link("Review the masks").first, until=hand.find("[data-do=select][aria-pressed=true]"))
    for number in range(1, len(pictures) + 1):
        hand.wait(hand.find("h1").having(f"De-identify picture {number}"))
        _review_one(hand)
        is_last = number == len(pictures)
        then = _nth(sealed, len(pictures)) if is_last else hand.find("h1").having(f"De-identify picture {number + 1}")
        hand.tap(hand.button("Confirm: this picture gives nobody away"), until=then)


def _review_one(hand: Hand) -> None:
    hand.wait(hand.find("[data-do=select][aria-pressed=true]"))
    waiting = hand.find("[data-studio-list] > li").having("Check this")
    while waiting.count():
        left = waiting.count()
        hand.tap(waiting.first.button("Cover it"))
        assert waiting.count() < left
    for warning in hand.label("I have seen this and keep the picture").each():
        hand.tap(warning)
    for item in hand.find(".checklist-item").each():
        hand.tap(item.label("Not in the picture"))
    for box in hand.label("There are no eyes").seen():
        if not hand.find("[data-studio-list] > li").having("Eye").count():
            hand.tap(box)


def write_facts(hand: Hand, facts: Facts) -> None:
    """Go on to the facts, fill in what is needed, and go on to the consent."""
    hand.tap(hand.link("Go on with the case"), until=hand.find("#id_title"))
    hand.type(hand.find("#id_title"), facts.title)
    if hand.find("#id_question").value() != facts.question:
        hand.select(hand.find("#id_question"), facts.question)
    hand.type(hand.find("#id_note"), facts.note)
    for name, value in (
        ("age_band", facts.age),
        ("sex", facts.sex),
        ("site", facts.site),
        ("duration", facts.duration),
        ("morphology", facts.morphology),
    ):
        hand.select(hand.find(f"#id_{name}"), value)
    options = hand.find("[role=listbox] [role=option]")
    hand.type(hand.find("#id_differential_1_text"), facts.diagnosis, until=options.first)
    # Whoever reads the suggestions takes longer than the page, which saves and finds the unfinished word wrong.
    hand.wait(hand.find("[data-field=differential_1] [data-errors] p"))
    hand.tap(options.first)
    hand.tap(hand.button("Go on with the consent"), until=hand.find("h2").having("Audience"))


def sign_here(hand: Hand) -> None:
    """Let an adult patient read and sign on the page of the consent itself, and hand the code over."""
    hand.tap(hand.label("The patient saw the masked pictures"))
    hand.tap(hand.label("Discussion among all vetted members"))
    hand.draw(hand.find(".signature-pad"))
    hand.tap(hand.label("The patient has, or now receives, a copy of the form"))
    hand.tap(hand.button("Record the consent"), until=hand.find("#withdrawal-code"))
    _give_code(hand)


def hand_over_to_child(hand: Hand, *, authority: str, majority_year: int) -> None:
    """Hand the device to a guardian and a child of 7 or older, take it back, and hand the code over."""
    hand.tap(hand.button("Prepare the hand-over"), until=hand.button("Hand over now").first)
    hand.tap(hand.label("Child: a guardian decides, the child agrees"))
    hand.type(hand.label("By what authority"), authority)
    hand.select(hand.label("How old is the child?"), "ask")
    hand.type(hand.label("Year in which the child comes of age"), str(majority_year))
    _hand_over(hand)
    hand.tap(hand.find("input[name=uses][value=all_members]"))
    hand.tap(hand.find("input[name=child_agrees]"))
    _sign_and_take_back(hand)


def hand_over(hand: Hand) -> None:
    """Hand the device to an adult patient, take it back, and hand the code over."""
    hand.tap(hand.button("Prepare the hand-over"), until=hand.button("Hand over now").first)
    _hand_over(hand)
    hand.tap(hand.find("input[name=uses][value=all_members]"))
    _sign_and_take_back(hand)


def _hand_over(hand: Hand) -> None:
    hand.type(hand.label("PIN to come back"), PIN)
    hand.type(hand.label("PIN once more"), PIN)
    hand.tap(hand.button("Hand over now"), until=hand.find(".handed-over h1"))


def _sign_and_take_back(hand: Hand) -> None:
    hand.draw(hand.find(".signature-pad"))
    hand.tap(hand.find("button[value=agree]"), until=hand.find(".handed-done"))
    hand.type(hand.find("#id_pin"), PIN)
    hand.tap(hand.button("Take the device back"), until=hand.find("#withdrawal-code"))
    _give_code(hand)


def _give_code(hand: Hand) -> None:
    hand.tap(hand.button("I have given it to the patient"), until=hand.button("Send to the second reader"))


def state_exemption(hand: Hand) -> None:
    """State that histology identifies nobody, and go on without a consent."""
    hand.tap(hand.label("I state: every picture is histology"))
    hand.tap(hand.button("Go on without a consent"), until=hand.button("Send to the second reader"))


def send(hand: Hand) -> None:
    """Send the case to the second reader."""
    for box in hand.label("I looked: none of them names a person").seen():
        hand.tap(box)
    hand.tap(hand.button("Send to the second reader"), until=hand.find("main").having("Waiting for the second read"))


def _nth(things: Thing, number: int) -> Thing:
    """Return the last of so many, which is there once all are."""
    return things.nth(number - 1)
