"""Kinds of one disease, rolled up: shown where it changes the picture, and never against what was said."""

from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consults.discussion.consensus import WEIGHTS, Consensus, Opinion, branch_shares, consensus
from vocabulary import diagnoses, terms

CODES = ["bcc", "bcc-nodular", "bcc-superficial", "melanoma", "melanoma-nodular", "naevus", "psoriasis", "scabies"]
SURE = 0.95


def opinion(*ranked: str, role: str = "expert", confidence: float = SURE) -> Opinion:
    return Opinion(
        counted_as=role,
        diagnoses=[(code, rank, confidence) for rank, code in enumerate(ranked, start=1)],
        is_dermatologist=role == "expert",
    )


def shown(*opinions: Opinion) -> Consensus:
    found = consensus(opinions)
    assert found is not None
    return found


@st.composite
def opinions_of_members(draw: st.DrawFn) -> Opinion:
    codes = draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=3, unique=True))
    confidences = [draw(st.sampled_from(terms.Confidence)).probability for _ in codes]
    return Opinion(
        counted_as=draw(st.sampled_from(sorted(WEIGHTS))),
        diagnoses=[(c, rank, sure) for rank, (c, sure) in enumerate(zip(codes, confidences, strict=True), start=1)],
        is_dermatologist=draw(st.booleans()),
    )


many = st.lists(opinions_of_members(), min_size=1, max_size=12)


def test_two_kinds_of_one_disease_come_before_the_other_disease() -> None:
    found = shown(opinion("bcc-nodular"), opinion("bcc-superficial"), opinion("bcc"), *[opinion("psoriasis")] * 2)

    assert found.shares[0].code == "psoriasis"
    assert found.rolled_up is not None
    first = found.rolled_up.shares[0]
    assert (first.code, first.supporters, found.answers) == ("bcc", 3, 5)
    assert [part.code for part in first.parts] == ["bcc", "bcc-nodular", "bcc-superficial"]
    assert found.rolled_up.strong
    assert found.agrees_strongly
    assert not found.strong


# what each answer names first -> whether rolling up is shown
CHANGES = [
    (["bcc-nodular"] * 5, False),  # nothing to add up
    (["bcc-nodular", "bcc-nodular", "bcc-nodular", "psoriasis", "psoriasis"], False),
    (["bcc-nodular", "bcc-superficial", "psoriasis", "scabies"], False),  # first before and after, and no majority
    (["bcc-nodular", "bcc-nodular", "bcc-superficial", "psoriasis", "scabies"], True),  # becomes strong
    (["bcc-nodular", "bcc-superficial", "bcc"], True),  # three of three: a large share, though not strong yet
    (["psoriasis", "psoriasis", "bcc-nodular", "bcc-superficial", "bcc"], True),  # another disease first
    (["bcc", "scc", "psoriasis"], False),  # one heading above all: different answers
]


@pytest.mark.parametrize(("named", "changes"), CHANGES)
def test_it_is_shown_where_it_changes_the_picture(named: list[str], changes: bool) -> None:
    assert all(diagnoses.is_answerable(code) for code in named)
    assert (shown(*map(opinion, named)).rolled_up is not None) is changes


def test_siblings_without_their_parent_are_called_by_it() -> None:
    (branch,) = branch_shares([opinion("bcc-nodular"), opinion("bcc-superficial")])
    assert branch.code == "bcc"


def test_a_kind_alone_keeps_its_name() -> None:
    (branch,) = branch_shares([opinion("bcc-nodular"), opinion("bcc-nodular")])
    assert (branch.code, branch.supporters) == ("bcc-nodular", 2)


def test_who_names_two_kinds_counts_once() -> None:
    (branch,) = branch_shares([opinion("bcc-nodular", "bcc-superficial"), opinion("bcc")])
    assert branch.supporters == 2


def test_a_lone_malignant_stays_beside_it() -> None:
    found = shown(opinion("psoriasis"), opinion("bcc-nodular"), opinion("bcc"), opinion("bcc", "melanoma"))
    assert found.rolled_up is not None
    assert found.lone_malignant == ["melanoma"]


@settings(deadline=None)
@given(many)
def test_sums_are_kept_and_nothing_is_lowered(opinions: list[Opinion]) -> None:
    found = consensus(opinions, shown_from=0)
    assert found is not None
    branches = branch_shares([one for one in opinions if one.weight])
    parts = [part for branch in branches for part in branch.parts]
    assert sorted(part.code for part in parts) == sorted(share.code for share in found.shares)
    for branch in branches:
        assert isclose(branch.share, sum(part.share for part in branch.parts), abs_tol=1e-9)
        assert all(branch.share >= part.share - 1e-12 for part in branch.parts)
        assert max(part.supporters for part in branch.parts) <= branch.supporters
        assert branch.supporters <= min(found.answers, sum(part.supporters for part in branch.parts))
    if found.shares:
        assert isclose(sum(branch.share for branch in branches), 1, abs_tol=1e-9)
        assert branches[0].share >= found.shares[0].share - 1e-12


@settings(deadline=None)
@given(many)
def test_agreement_never_gets_weaker(opinions: list[Opinion]) -> None:
    found = consensus(opinions, shown_from=0)
    assert found is not None
    assert found.agrees_strongly or not found.strong
    if found.rolled_up is not None:
        assert found.rolled_up.strong or not found.strong


@settings(deadline=None)
@given(many, st.randoms(use_true_random=False))
def test_the_order_of_answers_does_not_matter(opinions: list[Opinion], random) -> None:
    shuffled = opinions.copy()
    random.shuffle(shuffled)
    assert branch_shares(shuffled) == branch_shares(opinions)


@settings(deadline=None)
@given(many)
def test_malignant_diagnoses_of_one_person_are_the_same_with_and_without(opinions: list[Opinion]) -> None:
    found = consensus(opinions, shown_from=0)
    assert found is not None
    raised = {c for one in opinions for c, _, _ in one.diagnoses if diagnoses.is_malignant(c)}
    for code in raised:
        by = sum(any(diagnoses.same_branch(code, other) for other, _, _ in one.diagnoses) for one in opinions)
        assert (code in found.lone_malignant) is (by == 1)
