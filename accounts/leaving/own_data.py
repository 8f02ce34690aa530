"""This app's part of the copy of a member's data: what they said, did and passed, and what was decided about them.

Not in it: how the house checks itself (blind re-checks, keyed marks, half-filled decisions), and who decided. Whom a
member named is theirs only as they typed it: whether an address belongs to somebody here is not told.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.db.models import F, QuerySet

from accounts.conduct.models import ConductAnswer
from accounts.membership.models import Member, Verification
from accounts.profiles.models import Portrait, profile_of
from accounts.security.factors import rules
from accounts.vetting.models import Application, Letter, Vote
from audit.models import Event, PictureServed

_NOT_EXPORTED: Final = frozenset({"password"})
_OF_APPLICATION: Final = (
    "created_at",
    "state",
    "round",
    "profession",
    "country",
    "institution",
    "registry_name",
    "registry_url",
    "registry_number",
    "evidence_kind",
    "guidelines_accepted_at",
    "address_confirmed_at",
    "decided_at",
    "reason",
    "appealed_at",
    "appeal_statement",
)


def files_of(member: Member) -> Mapping[str, Any]:
    """Return {file name without suffix: what JSON can hold}."""
    return {
        "profile": _account(member),
        "cv": _cv(member),
        "sessions": _rows(member.sessions.order_by("began_at"), "device", "network", "began_at", "expire_date"),
        "security": _security(member),
        "applications": _applications(member),
        "membership": _membership(member),
        "conduct": _conduct(member),
        "follows": _rows(member.follows.order_by("since"), "followed_id", "since"),
        "log": {
            "my_actions": _rows(
                Event.objects.filter(actor_id=member.pk).order_by("at", "seq"),
                *("at", "verb", "subject_type", "subject_id", "facts"),
            ),
            "pictures_looked_at": PictureServed.objects.filter(member_id=member.pk).count(),
        },
    }


def _rows(rows: QuerySet[Any], *fields: str) -> list[dict[str, Any]]:
    return list(rows.values(*fields))


def _account(member: Member) -> dict[str, Any]:
    """Return every field of the member's row but the password; of a supervisor the id, no name."""
    fields = (field for field in Member._meta.concrete_fields if field.name not in _NOT_EXPORTED)
    return {field.attname: field.value_to_string(member) for field in fields}


def _cv(member: Member) -> dict[str, Any]:
    """Return the profile with its lines, in the member's own order; of the portrait its state, not its bytes."""
    profile = profile_of(member)
    said = ("about", "interests", "languages", "orcid", "orcid_confirmed_at", "is_listed", "shows_calibration")
    return {
        **{name: getattr(profile, name) for name in said},
        "trainings": _rows(member.trainings.all(), "degree", "specialty", "institution", "from_year", "until_year"),
        "positions": _rows(member.positions.all(), "title", "institution", "from_year", "until_year"),
        "publications": _rows(member.publications.all(), "words", "doi", "pmid"),
        "portrait": _rows(Portrait.objects.filter(member=member), "state", "created_at"),
    }


def _security(member: Member) -> dict[str, Any]:
    """Return names and dates of passkeys and apps, no secret of theirs, and recoveries of the account."""
    return {
        "factors": [
            {
                "type": one.type,
                "name": one.data.get("name", "") if one.type == Authenticator.Type.WEBAUTHN else "",
                "created_at": one.created_at,
                "last_used_at": one.last_used_at,
            }
            for one in rules.factors_of(member).order_by("created_at", "pk")
        ],
        "recoveries": _rows(
            member.recoveries.order_by("asked_at"), "state", "asked_at", "confirmed_at", "effective_at", "ended_at"
        ),
    }


def _applications(member: Member) -> list[dict[str, Any]]:
    """Return what was said in applications and what was answered: letters, and each vote without who cast it.

    Votes only once they have decided, as on the page.
    """
    mine = Application.objects.filter(member=member).order_by("created_at")
    letters = Letter.objects.filter(application__member=member).order_by("made_at")
    votes = Vote.objects.filter(application__member=member, cast_at__lte=F("application__decided_at"))
    letters_of = _by_application(letters, "made_at", "language", "text")
    votes_of = _by_application(votes.order_by("cast_at"), "round", "accept", "reason", "words", "cast_at")
    return [
        {**row, "letters": letters_of[pk], "votes": votes_of[pk]}
        for row in mine.values("pk", *_OF_APPLICATION)
        for pk in [row.pop("pk")]
    ]


def _by_application(rows: QuerySet[Any], *fields: str) -> dict[uuid.UUID, list[dict[str, Any]]]:
    found = defaultdict(list)
    for row in rows.values("application_id", *fields):
        found[row.pop("application_id")].append(row)
    return found


def _membership(member: Member) -> dict[str, Any]:
    """Return suspensions with their appeals, supervision on both sides, yearly checks and offices; no names."""
    verification = Verification.objects.filter(pk=member.pk)
    return {
        "suspensions": _rows(
            member.suspensions.order_by("at"),
            *("state", "reason", "note", "at", "appealed_at", "statement", "answered_at", "answer"),
            *("lifted_at", "lift_reason"),
        ),
        "supervision_asked_for": _rows(
            member.supervisions.order_by("asked_at"), "email", "state", "asked_at", "answered_at", "ended_at"
        ),
        "supervision_asked_of_me": _rows(
            member.supervisions_asked.order_by("asked_at"),
            *("resident_id", "state", "asked_at", "answered_at", "ended_at"),
        ),
        "yearly_checks": _rows(
            member.yearly_checks.order_by("sent_at"), "sent_at", "until", "state", "finding", "decided_at"
        ),
        "offices": _rows(member.office_terms.order_by("since"), "office", "since", "until"),
        "verification": list(verification.values()),
    }


def _conduct(member: Member) -> dict[str, Any]:
    """Return results of the module on conduct, and every answer."""
    return {
        "results": _rows(
            member.conduct_results.order_by("passed_at"),
            *("number", "version", "language", "passed_at", "until", "minutes", "right_at_once"),
        ),
        "answers": _rows(
            ConductAnswer.objects.filter(run__member=member).order_by("at", "pk"),
            *("case", "attempt", "chosen", "is_right", "at"),
        ),
    }
