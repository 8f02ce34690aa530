"""Rows that are read in the query of those that they belong to."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Member
from consults.models import Answer, Comment, Group, Mention, Revision, Suggestion
from core.nested import Counted, Nested, keep
from core.prepared import Prepared
from tests import factories
from tests.consults import reading

SUGGESTIONS = Nested(Suggestion, "id", "answer_id", "rank", "code", "confidence")
REVISIONS = Nested(Revision, "id", "answer_id", "suggestions", "revised_at")
MENTIONS = Nested(
    *(Mention, "id", "comment_id", "written", "role", "member_id", "member__id", "member__name"),
    *("member__verified_until", "member__is_staff", "group_id", "group__id", "group__name"),
)


@pytest.fixture
def answer(db: None, bob: Member) -> Answer:
    """An answer of three diagnoses that was changed twice."""
    given = reading.answer(reading.case(), bob, "psoriasis", "melanoma", "lichen-planus")
    for days in (2, 1):
        said = [[1, f"day-{days}", "sure"]]
        Revision.objects.create(answer=given, suggestions=said, revised_at=timezone.now() - timedelta(days=days))
    return given


def nested(answer: Answer) -> Answer:
    rows = Answer.objects.filter(pk=answer.pk).annotate(
        found=SUGGESTIONS.column(Suggestion.objects.filter(answer=OuterRef("pk")).order_by()),
        before=REVISIONS.column(Revision.objects.filter(answer=OuterRef("pk")).order_by()),
    )
    return rows.get()


def test_rows_and_their_values_are_those_of_the_orm(answer: Answer) -> None:
    row = nested(answer)
    with CaptureQueriesContext(connection) as asked:
        suggestions, revisions = SUGGESTIONS.read(row.found), REVISIONS.read(row.before)
        said = [(one.pk, one.answer_id, one.rank, one.code, one.confidence) for one in suggestions]
        before = [(one.pk, one.suggestions, one.revised_at) for one in revisions]
    assert not asked
    assert said == list(answer.suggestions.order_by("pk").values_list("pk", "answer", "rank", "code", "confidence"))
    assert before == list(answer.revisions.order_by("pk").values_list("pk", "suggestions", "revised_at"))


def test_without_rows_there_are_none(answer: Answer) -> None:
    Suggestion.objects.all().delete()
    assert SUGGESTIONS.read(nested(answer).found) == SUGGESTIONS.read(None) == []


def test_kept_rows_are_what_all_returns(answer: Answer) -> None:
    row = nested(answer)
    keep(row, "suggestions", SUGGESTIONS.read(row.found)[:1])
    with CaptureQueriesContext(connection) as asked:
        assert [one.code for one in row.suggestions.all()] == ["psoriasis"]
    assert not asked
    assert row.suggestions.filter(rank=2).get().code == "melanoma"  # anything else is asked as ever


def test_what_a_row_leads_to_comes_with_it(answer: Answer, alice: Member) -> None:
    group = Group.objects.create(name="Nails")
    written = Comment.objects.create(case=answer.case, author=alice, text="@Alice @Nails @residents")
    for one in ({"member": alice}, {"group": group}, {"role": "resident"}):
        Mention.objects.create(comment=written, written=str(next(iter(one))), **one)
    column = MENTIONS.column(Mention.objects.filter(comment=OuterRef("pk")).order_by())
    row = Comment.objects.annotate(found=column).get()
    with CaptureQueriesContext(connection) as asked:
        to_member, to_group, to_role = MENTIONS.read(row.found)
        member = to_member.member
        assert (member, member.name, member.verified_until) == (alice, alice.name, alice.verified_until)
        assert member.is_staff is False
        assert (to_member.group, to_group.member, to_group.group.name) == (None, None, "Nails")
        assert (to_role.member, to_role.group, to_role.role) == (None, None, "resident")
    assert not asked
    assert member.email == alice.email  # not named: read when it is asked for


def test_a_kept_query_makes_the_same_rows_as_the_orm(answer: Answer, alice: Member) -> None:
    def build(author_id: object, staff: int) -> object:
        rows = Member.objects.filter(pk=author_id, posts_released__lt=staff).select_related("supervisor")
        return rows.annotate(
            has_answers=Exists(Answer.objects.filter(member=OuterRef("pk"))),
            answered=Counted(Answer.objects.filter(member=OuterRef("pk")).order_by().values("pk")),
        )

    query = Prepared()
    people = [answer.member, alice, factories.person("resident")]
    for person in people * 2:
        (found,), (known,) = query.objects("", build, [person.pk, 9]), build(person.pk, 9)
        fields = [field.attname for field in Member._meta.concrete_fields]
        assert [getattr(found, name) for name in fields] == [getattr(known, name) for name in fields]
        with CaptureQueriesContext(connection) as asked:
            assert found.supervisor == person.supervisor
        assert not asked
        assert (found.has_answers, found.answered) == (person == answer.member, int(person == answer.member))
        assert found._state.adding is False
    assert query.objects("", build, [alice.pk, 0]) == []
