"""A case's summary as PDF, for its author's own record: coded facts, question, answers, outcome, times.

It holds no picture, nobody's free text and no name. It is made in the transaction that logs it, under the lock that a
withdrawal takes first; none is made after one.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from reportlab.platypus import Flowable, Paragraph

from accounts.models import Member
from audit.record import record
from consent.pdf.layout import build_pdf, bullet_list, fact_table, markup, styles
from consults.cases.models import Case
from consults.cases.presenters import coded_facts
from consults.discussion.accuracy import ROLES, accuracy_by_role, blind_codes
from consults.discussion.answers import given_answers, lock_consent
from consults.discussion.models import COUNTED, Answer, AnswerKind, Outcome
from consults.discussion.outcomes import solution
from consults.discussion.plans.presenters import current_tally, tally_lines
from consults.discussion.presenters import diagnosis_name
from consults.exceptions import ChangeRefused
from core import permissions

Lines = list[tuple[object, str]]


@transaction.atomic
def summary_pdf(*, case_id: UUID, by: Member, language: str) -> bytes:
    """Return the summary in this language, and log that it was made. Raises ChangeRefused after a withdrawal."""
    found = Case.objects.select_related("outcome").get(pk=case_id)
    if found.consent_id is not None:
        lock_consent(found.consent_id)
    if not permissions.allows(by, "case.summary", found):
        raise ChangeRefused(_("This case was withdrawn: there is no summary any more."))
    record(verb="case.summary_made", actor=by, subject=("case", found.pk))
    with translation.override(language):
        return build_pdf(_story(found), title=_("Summary of a case"), language=language)


def _story(case: Case) -> list[Flowable]:
    style = styles()
    counted = [answer for answer in given_answers(case) if answer.kind in COUNTED]
    given = [answer for answer in counted if answer.kind == AnswerKind.DIAGNOSIS]
    outcome: Outcome | None = getattr(case, "outcome", None)
    story: list[Flowable] = [
        Paragraph(markup(_("Summary of a case")), style["title"]),
        Paragraph(markup(_("For the author's own record. Colleagues' opinions, not a consultation.")), style["body"]),
        Paragraph(markup(_("Case")), style["heading"]),
        fact_table(_case_lines(case)),
        Paragraph(markup(_("Answers")), style["heading"]),
        *_answers(given),
        *_plans(counted),
        Paragraph(markup(_("Outcome")), style["heading"]),
        fact_table(_outcome_lines(case, outcome)),
        *_figures(given, outcome),
        Paragraph(markup(_("Times")), style["heading"]),
        fact_table(_times(case, counted, outcome)),
        Paragraph(markup(_("Not in this summary")), style["heading"]),
        bullet_list(
            [
                _("Pictures: they stay on the site, where the patient's withdrawal reaches them."),
                _("Free text: title, note, comments and what was done. Names of colleagues."),
                _("Anything that says who the patient is. Keep it so: write no name or number on this paper."),
            ]
        ),
        Paragraph(markup(_("If the patient withdraws, destroy this copy: the site cannot reach it.")), style["body"]),
    ]
    return story


def _case_lines(case: Case) -> Lines:
    named = [diagnosis_name(code) for code in case.differential]
    return [
        (_("Number on this site"), str(case.pk)),
        (_("Kind"), case.get_kind_display()),
        (_("Question"), case.get_question_display()),
        *coded_facts(case),
        (_("Working differential"), ", ".join(named)),
    ]


def _answers(given: Sequence[Answer]) -> list[Flowable]:
    """Return the tally of the first, blind answers, by diagnosis and by role."""
    if not given:
        return [Paragraph(markup(_("Nobody has given a diagnosis.")), styles()["body"])]
    codes = [blind_codes(answer) for answer in given]
    first = Counter(one[0] for one in codes if one[0])
    named = Counter(code for one in codes for code in one if code)
    tally: Lines = [
        (diagnosis_name(code), _("%(first)d first, %(named)d in all") % {"first": first[code], "named": n})
        for code, n in sorted(named.items(), key=lambda row: (-first[row[0]], -row[1], row[0]))
    ]
    roles = Counter(answer.counted_as for answer in given)
    who: Lines = [(name, str(roles[role])) for role, name in ROLES.items() if roles[role]]
    so_many = ngettext("%(n)d blind answer.", "%(n)d blind answers.", len(given)) % {"n": len(given)}
    return [Paragraph(markup(so_many), styles()["body"]), fact_table([*tally, *who])]


def _plans(given: Sequence[Answer]) -> list[Flowable]:
    """Return the tally of the plans as they stand, from as many on as the page shows it; never their words."""
    counted = current_tally(given)
    if counted is None:
        return []
    lines: Lines = [
        (
            line.name,
            _("%(n)d of %(of)d") % {"n": line.count, "of": counted.answers}
            + "".join(f" · {name} ({n})" for name, n in line.details),
        )
        for line in tally_lines(counted)
    ]
    return [Paragraph(markup(_("What colleagues would do")), styles()["heading"]), fact_table(lines)]


def _outcome_lines(case: Case, outcome: Outcome | None) -> Lines:
    known = outcome or solution.as_outcome(case)
    if known is None:
        return [(_("Final diagnosis"), _("Not yet known"))]
    if not known.is_known:
        return [(_("Final diagnosis"), _("Closed without: none is to be expected"))]
    lines: Lines = [
        (_("Final diagnosis"), diagnosis_name(known.diagnosis)),
        (_("Reference standard"), known.get_reference_display()),
    ]
    if outcome is not None:
        lines += [
            (
                _("Corrected on %(day)s") % {"day": _day(version.replaced_at)},
                _("Before: %(name)s. Reason: %(reason)s")
                % {"name": diagnosis_name(version.diagnosis) or "–", "reason": version.get_reason_display()},
            )
            for version in outcome.versions.all()
        ]
    return lines


def _figures(given: Sequence[Answer], outcome: Outcome | None) -> list[Flowable]:
    everybody = next(iter(accuracy_by_role(given, outcome)), None) if outcome else None
    if everybody is None:
        return []
    return [fact_table([(name, f"{hits}/{everybody.answers}") for name, hits, _percent in everybody.rows])]


def _times(case: Case, given: Sequence[Answer], outcome: Outcome | None) -> Lines:
    moments = [
        (_("Visible since"), case.released_at),
        (_("First answer"), min((answer.answered_at for answer in given), default=None)),
        (_("Closed"), outcome.closed_at if outcome else None),
        (_("This summary"), timezone.now()),
    ]
    return [(name, _moment(at)) for name, at in moments if at]


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F Y")


def _moment(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F Y, H:i")
