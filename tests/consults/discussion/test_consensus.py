"""Weights, shares, when a consensus is shown and when it is strong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consults.discussion.consensus import WEIGHTS, Consensus, DiagnosisShare, Opinion, consensus
from vocabulary import terms

CODES = ["bcc", "melanoma-nodular", "melanoma", "naevus", "psoriasis", "scabies"]


def opinion(*ranked: tuple[str, float], role: str = "expert", dermatologist: bool = True) -> Opinion:
    return Opinion(
        counted_as=role,
        diagnoses=[(code, rank, confidence) for rank, (code, confidence) in enumerate(ranked, start=1)],
        is_dermatologist=dermatologist,
    )


def shown(opinions: list[Opinion], *, shown_from: int = 3) -> Consensus:
    answer = consensus(opinions, shown_from=shown_from)
    assert answer is not None
    return answer


@st.composite
def opinions_of_members(draw: st.DrawFn) -> Opinion:
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=3, unique=True))
    confidences = [draw(st.sampled_from(terms.Confidence)).probability for _ in codes]
    role = draw(st.sampled_from(sorted(WEIGHTS)))
    return opinion(*zip(codes, confidences, strict=True), role=role, dermatologist=draw(st.booleans()))


many = st.lists(opinions_of_members(), min_size=1, max_size=12)


def test_worked_example() -> None:
    # expert: naevus 1 × 0.75 / 1, melanoma 1 × 0.5 / 2; trainee: naevus 0.5 × 0.5; other: psoriasis 0.25 × 1
    answer = shown(
        [
            opinion(("naevus", 0.75), ("melanoma", 0.5)),
            opinion(("naevus", 0.5), role="trainee", dermatologist=False),
            opinion(("psoriasis", 1.0), role="other", dermatologist=False),
        ]
    )
    assert answer.answers == 3
    assert [(share.code, share.supporters) for share in answer.shares] == [
        ("naevus", 2),
        ("melanoma", 1),
        ("psoriasis", 1),
    ]
    assert [share.share for share in answer.shares] == pytest.approx([1.0 / 1.5, 0.25 / 1.5, 0.25 / 1.5])
    assert answer.experts.answers == 1
    assert [share.share for share in answer.experts.shares] == pytest.approx([0.75, 0.25])
    assert answer.lone_malignant == ["melanoma"]


@pytest.mark.parametrize(
    ("roles", "visible"),
    [
        (["expert", "expert"], False),
        (["expert", "expert", ""], False),
        (["expert", "expert", "other"], True),
        (["trainee", "physician", "other"], True),
    ],
)
def test_shown_from_three_counted_answers(roles: list[str], visible: bool) -> None:
    answer = consensus([opinion(("naevus", 0.5), role=role) for role in roles], shown_from=3)
    assert (answer is not None) is visible


def test_the_threshold_is_the_callers() -> None:
    assert consensus([opinion(("naevus", 0.5))] * 4, shown_from=5) is None


@pytest.mark.parametrize(
    ("for_top", "against", "dermatologist", "strong"),
    [
        (3, 2, True, True),
        (5, 0, True, True),
        (4, 0, True, False),
        (3, 3, True, False),
        (3, 2, False, False),
        (6, 4, True, True),
        (59, 41, True, False),
    ],
)
@pytest.mark.parametrize("confidence", [confidence.probability for confidence in terms.Confidence])
def test_strong(for_top: int, against: int, dermatologist: bool, strong: bool, confidence: float) -> None:
    given_answers = [opinion(("naevus", confidence), role="physician", dermatologist=False)] * for_top
    given_answers += [opinion(("psoriasis", confidence), role="physician", dermatologist=False)] * against
    given_answers[0] = opinion(("naevus", confidence), role="physician", dermatologist=dermatologist)
    assert shown(given_answers).strong is strong


def test_uncounted_dermatologist_does_not_make_it_strong() -> None:
    given_answers = [opinion(("naevus", 0.5), role="physician", dermatologist=False)] * 5
    assert not shown([*given_answers, opinion(("naevus", 0.5), role="", dermatologist=True)]).strong


@pytest.mark.parametrize(
    ("extra", "lone"),
    [
        ([], []),
        ([opinion(("melanoma", 0.25))], ["melanoma"]),
        ([opinion(("psoriasis", 0.9), ("scabies", 0.5), ("melanoma", 0.25))], ["melanoma"]),
        ([opinion(("melanoma", 0.25), role="")], ["melanoma"]),
        ([opinion(("melanoma", 0.25)), opinion(("melanoma", 0.25))], []),
        ([opinion(("melanoma", 0.25)), opinion(("melanoma-nodular", 0.25))], []),
        ([opinion(("melanoma", 0.25), ("melanoma-nodular", 0.25))], ["melanoma", "melanoma-nodular"]),
        ([opinion(("melanoma", 0.25)), opinion(("bcc", 0.25))], ["bcc", "melanoma"]),
        ([opinion(("actinic-keratosis", 0.25))], []),
    ],
)
def test_a_lone_malignant_suggestion_surfaces(extra: list[Opinion], lone: list[str]) -> None:
    assert shown([opinion(("naevus", 0.95))] * 10 + extra).lone_malignant == lone


def test_no_confidence_at_all_gives_no_shares() -> None:
    answer = shown([opinion(("naevus", 0.0))] * 5)
    assert answer.shares == ()
    assert not answer.strong


@pytest.mark.parametrize(
    ("role", "ranked"),
    [
        ("chief", [("naevus", 1, 0.5)]),
        ("expert", [("naevus", 0, 0.5)]),
        ("expert", [("naevus", 1, 1.5)]),
        ("expert", [("naevus", 1, -0.1)]),
        ("expert", [("naevus", 1, 0.5), ("naevus", 2, 0.5)]),
    ],
)
def test_an_impossible_opinion_is_refused(role: str, ranked: list[tuple[str, int, float]]) -> None:
    with pytest.raises(ValueError, match=r"role|rank|twice"):
        Opinion(counted_as=role, diagnoses=ranked, is_dermatologist=False)


@settings(deadline=None)
@given(many)
def test_shares_sum_to_one_and_fall(opinions: list[Opinion]) -> None:
    answer = consensus(opinions, shown_from=1)
    tallies = [] if answer is None else [tally for tally in (answer, answer.experts) if tally.answers]
    for tally in tallies:
        shares = [share.share for share in tally.shares]
        assert sum(shares) == pytest.approx(1)
        assert shares == sorted(shares, reverse=True)
        assert all(1 <= share.supporters <= tally.answers for share in tally.shares)


@settings(deadline=None)
@given(many, st.randoms(use_true_random=False))
def test_order_of_answers_does_not_matter(opinions: list[Opinion], random) -> None:
    shuffled = opinions.copy()
    random.shuffle(shuffled)
    assert consensus(shuffled, shown_from=1) == consensus(opinions, shown_from=1)


def _share_of(code: str, shares: tuple[DiagnosisShare, ...]) -> float:
    return next((share.share for share in shares if share.code == code), 0.0)


@settings(deadline=None)
@given(many, st.sampled_from(CODES), st.sampled_from(sorted(WEIGHTS)), st.sampled_from(terms.Confidence))
def test_a_supporter_more_never_lowers_a_share(
    opinions: list[Opinion], code: str, role: str, confidence: terms.Confidence
) -> None:
    before = consensus(opinions, shown_from=0)
    after = consensus([*opinions, opinion((code, confidence.probability), role=role)], shown_from=0)
    assert before is not None
    assert after is not None
    assert _share_of(code, after.shares) >= _share_of(code, before.shares) - 1e-12


@settings(deadline=None)
@given(many)
def test_uncounted_answers_change_no_figure(opinions: list[Opinion]) -> None:
    counted = [one for one in opinions if one.weight]
    everybody, alone = consensus(opinions, shown_from=0), consensus(counted, shown_from=0)
    assert everybody is not None
    assert alone is not None
    assert (everybody.answers, everybody.shares, everybody.strong) == (alone.answers, alone.shares, alone.strong)
