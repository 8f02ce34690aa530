"""Every address × everybody, in every state: what each gets. An address without a row fails."""

import re
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from accounts.access import may_enter
from accounts.membership.suspension import appeals
from accounts.models import (
    AddressChange,
    Application,
    Appointment,
    Draft,
    Draw,
    EvidenceKind,
    EvidencePicture,
    Follow,
    Member,
    Position,
    Publication,
    Recheck,
    Recovery,
    Reference,
    Supervision,
    Suspension,
    Training,
    YearlyCheck,
)
from accounts.profiles import portraits
from accounts.profiles import service as profiles
from accounts.security import address
from accounts.security.recovery.link import path_of
from accounts.vetting import decisions
from accounts.vetting.confirmation_link import confirmation_path, finishing_path
from accounts.vetting.models import ReferenceKind
from consent.forms import publishing
from consent.forms.publishing import Text
from consent.models import Cause, Form, Removal, WithdrawnBy
from consent.withdrawal import withdraw
from consults.groups.models import Kind, Way
from consults.models import (
    Admission,
    Answer,
    Case,
    CaseHold,
    CaseState,
    Comment,
    CommentHold,
    Concern,
    Following,
    Group,
    GroupProposal,
    Membership,
    PollOption,
    Post,
    PostHold,
    PostReport,
    ProposedTerm,
    Redaction,
    Report,
    SavedSearch,
)
from core import storage
from core.crypto import vault
from imaging.models import Photo, Rendition, State
from notifications.models import PushSubscription
from notifications.notices.unsubscribing import path_of as stop_path
from tests import factories
from tests.accounts.conduct.walking import passed_before
from tests.accounts.makers import CLEAN, claim, join
from tests.consults import additions, reading
from tests.consults.pins.making import put_pin
from tests.imaging.engine import pictures
from tests.matrix.everybody import EVERYBODY, with_passwords
from tests.matrix.states import STATES, InState, views
from tests.notifications.making import told

MEMBERS = ("alice", "bob", "resident", "nurse", "student", "mod1")
OFFICERS = ("officer", "admin")
OUTSIDE = ("applicant", "lapsed")
SEES_CASES = ("alice", "bob", "resident", "mod1")  # those with an audience of all vetted members
CLIENT = Client(raise_request_exception=False)  # one for all: each would set up all middleware anew
Expected = dict[str, int]


def anybody(ok: int = 200, **others: int) -> Expected:
    """Public. Who is suspended is told so and signed out wherever they go."""
    return dict.fromkeys(EVERYBODY, ok) | {"suspended": 403} | others


def only(ok: int, *names: str, otherwise: int = 403, **others: int) -> Expected:
    """`ok` for these, `otherwise` for other members; a way in for strangers; nothing for the rest."""
    closed = dict.fromkeys((*OFFICERS, *OUTSIDE, "suspended"), 403) | {"anonymous": 302}
    return closed | dict.fromkeys(MEMBERS, otherwise) | dict.fromkeys(names, ok) | others


def members(ok: int = 200, **others: int) -> Expected:
    """All verified members alike."""
    return only(ok, *MEMBERS, **others)


def seen_by(*names: str, ok: int = 200, **others: int) -> Expected:
    """It exists for these; for all other members there is no such thing."""
    return only(ok, *names, otherwise=404, **others)


@dataclass(frozen=True)
class Row:
    """What everybody gets from one address; `about` names the objects in it, `data` is what is posted."""

    about: str = ""
    get: Expected = field(default_factory=dict)
    post: Expected = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)


moderators = only(200, "mod1")
officers = only(200, *OFFICERS)
everybody_in = only(200, *MEMBERS, *OFFICERS, *OUTSIDE)
draft = seen_by("alice")

ROWS: dict[str, list[Row]] = {
    # Anybody
    "home": [Row(get=anybody(302, anonymous=200, applicant=200, lapsed=200))],
    "privacy": [Row(get=anybody())],
    "terms": [Row(get=anybody())],
    "health": [Row(get=anybody(503))],  # no clock goes here
    "guides": [Row(get=anybody())],
    "guide_patient": [Row(get=anybody())],
    "guide": [
        Row("moderator guide", get=only(200, *MEMBERS, *OFFICERS, *OUTSIDE)),
        Row("no guide", get=only(404, *MEMBERS, *OFFICERS, applicant=404, lapsed=404)),
    ],
    "token": [Row(get=only(200, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "language": [Row(post=anybody(302), data={"language": "tr"})],
    "account_login": [Row(get=anybody(302, anonymous=200))],
    "mfa_authenticate": [Row(get=anybody(302))],  # only in the middle of a sign-in
    "mfa_login_webauthn": [Row(get=anybody(302), post=anybody(302))],
    "account_logout": [Row(get=anybody(200, anonymous=302), post=anybody(302))],
    "account_change_password": [Row(get=only(200, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "account_reauthenticate": [Row(get=only(200, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "account_reset_password": [Row(get=anybody())],
    "account_reset_password_done": [Row(get=anybody())],
    "account_reset_password_from_key": [Row("nothing key", get=anybody())],
    "account_reset_password_from_key_done": [Row(get=anybody())],
    "accounts:apply": [Row(get=anybody(302, anonymous=200))],
    "accounts:applied": [Row(get=anybody())],
    "accounts:finish": [
        Row("draft token", get=anybody(), post=anybody(422)),
        Row("bad token", get=anybody(404)),
    ],
    "accounts:confirm": [Row("token", get=anybody()), Row("bad token", get=anybody(404))],
    "consent:withdraw": [
        Row(get=anybody(), post=anybody(422), data={"code": "0000-0000-0000-0000"}),
    ],
    "consent:withdraw_confirm": [Row(get=anybody(302), post=anybody(422), data={"note": "forged"})],
    # Without a code in the session; consenting/test_shown_once.py has them with one.
    "consent:effects": [Row(get=anybody(302))],
    "consent:part": [Row(get=anybody(302), post=anybody(422))],
    "consent:part_effects": [Row(get=anybody(302))],
    "consent:part_picture": [Row("nothing", get=anybody(404))],
    "consent:part_confirm": [Row(get=anybody(302), post=anybody(422))],
    "consent:removed": [Row("removal", get=anybody()), Row("nothing", get=anybody(404))],
    "consent:part_progress": [Row("removal", get=anybody()), Row("nothing", get=anybody(404))],
    "consent:part_certificate": [Row("removal", get=anybody()), Row("nothing", get=anybody(404))],
    "consent:withdrawn": [Row("withdrawal", get=anybody()), Row("nothing", get=anybody(404))],
    "consent:withdrawal_progress": [Row("withdrawal", get=anybody()), Row("nothing", get=anybody(404))],
    "consent:certificate": [Row("withdrawal", get=anybody()), Row("nothing", get=anybody(404))],
    # Notices
    "notifications:notices": [Row(get=everybody_in)],
    "notifications:read_all": [Row(post=only(302, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "notifications:open": [
        Row("notice", get=only(404, *MEMBERS, *OFFICERS, alice=302, applicant=404, lapsed=404)),
        Row("nothing", get=only(404, *MEMBERS, *OFFICERS, applicant=404, lapsed=404)),
    ],
    "notifications:read": [Row("notice", post=only(404, *MEMBERS, *OFFICERS, alice=302, applicant=404, lapsed=404))],
    "notifications:settings": [Row(get=everybody_in, post=only(422, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "notifications:stop": [
        Row("stop token", get=anybody(), post=anybody(), data={"List-Unsubscribe": "One-Click"}),
        Row("bad token", get=anybody(404), post=anybody(404)),
    ],
    "notifications:worker": [Row(get=anybody())],
    "notifications:push": [Row(post=only(422, *MEMBERS, *OFFICERS))],
    "notifications:push_remove": [Row("push", post=only(302, *MEMBERS, *OFFICERS))],
    # Joining and vetting
    "accounts:me": [Row(get=only(200, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "accounts:lost_factors": [Row(get=anybody(), post=anybody(422))],
    "accounts:lost_factors_asked": [Row(get=anybody())],
    "accounts:recovery_link": [
        Row("recovery token", get=anybody(), post=anybody(302)),
        Row("bad token", get=anybody(404)),
    ],
    "accounts:recoveries": [Row(get=only(200, "mod1", *OFFICERS))],
    "accounts:recovery": [
        Row("recovery", get=only(200, "mod1", officer=404, admin=404), post=only(302, "mod1", officer=404, admin=404)),
        Row("nothing", get=only(404, "mod1", *OFFICERS)),
    ],
    "accounts:me_security": [Row(get=everybody_in)],
    "accounts:me_passkey_add": [Row(get=everybody_in, post=only(422, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "accounts:me_passkey": [Row("no factor", get=only(404, *MEMBERS, *OFFICERS, applicant=404, lapsed=404))],
    "accounts:me_factor_remove": [Row("no factor", get=only(404, *MEMBERS, *OFFICERS, applicant=404, lapsed=404))],
    "accounts:me_app_add": [Row(get=everybody_in, post=only(422, *MEMBERS, *OFFICERS, *OUTSIDE))],
    # Without codes; tests/accounts/factors/test_enrolling.py has them.
    "accounts:me_codes": [Row(get=only(302, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "accounts:me_codes_kept": [Row(post=only(302, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "accounts:me_codes_make": [Row(post=only(302, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "accounts:sessions": [Row(get=only(200, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "accounts:end_session": [
        Row(get=only(302, *MEMBERS, *OFFICERS, *OUTSIDE), post=only(302, *MEMBERS, *OFFICERS, *OUTSIDE))
    ],
    "accounts:address": [
        Row(get=only(200, *MEMBERS, *OFFICERS, *OUTSIDE), post=only(302, *MEMBERS, *OFFICERS, *OUTSIDE))
    ],
    "accounts:stop_address": [Row(post=only(302, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "accounts:confirm_address": [
        Row("address token", get=anybody(), post=anybody(), data={"answer": "confirm"}),
        Row("bad token", get=anybody(404), post=anybody(404)),
    ],
    "accounts:my_data": [
        Row(get=only(200, *MEMBERS, *OFFICERS, *OUTSIDE), post=only(302, *MEMBERS, *OFFICERS, *OUTSIDE))
    ],
    # Whoever is let in shows once more who they are (tests/accounts/leaving goes on from there).
    "accounts:data_file": [Row(get=only(302, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "accounts:delete_data": [Row(post=only(302, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "accounts:leave": [
        Row(get=only(200, *MEMBERS, *OFFICERS, *OUTSIDE), post=only(302, *MEMBERS, *OFFICERS, *OUTSIDE))
    ],
    "accounts:stay": [Row(post=only(302, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "accounts:application": [Row(get=only(200, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "accounts:apply_again": [Row(get=only(302, "applicant", *MEMBERS, lapsed=200))],
    "accounts:send_link": [Row(post=only(404, *OUTSIDE, *MEMBERS, applicant=302))],
    "accounts:appeal": [
        Row("application", get=only(404, *OUTSIDE, *MEMBERS), post=only(404, *OUTSIDE, *MEMBERS)),
    ],
    "accounts:send_picture": [
        Row(get=only(302, *OUTSIDE, *MEMBERS), post=only(302, *OUTSIDE, *MEMBERS, applicant=422))
    ],
    "accounts:membership": [Row(get=only(200, *MEMBERS, *OFFICERS, *OUTSIDE))],
    "accounts:confirm_year": [Row(get=only(302, *MEMBERS), post=only(302, *MEMBERS))],
    "accounts:change": [Row(get=members(), post=members(422))],
    "accounts:ask_supervisor": [Row(post=members(302), data={"email": "somebody@x.example"})],
    "accounts:cancel_question": [
        Row("question", post=seen_by("resident", ok=302)),
        Row("nothing", post=members(404)),
    ],
    "accounts:answer_question": [
        Row("question", post=seen_by("bob", ok=302), data={"answer": "yes"}),
        Row("nothing", post=members(404)),
    ],
    "accounts:step_back": [Row("nurse", post=seen_by("alice", ok=302)), Row("nothing", post=members(404))],
    "accounts:checks": [Row(get=moderators)],
    "accounts:check": [
        Row("check", get=moderators, post=only(302, "mod1")),  # to reauthentication, as all decisions
        Row("own check", get=only(404, "mod1")),
        Row("nothing", get=only(404, "mod1")),
    ],
    "accounts:suspension": [
        Row("suspension token", get=anybody(), post=anybody(422)),
        Row("bad token", get=anybody(404), post=anybody(404)),
    ],
    "accounts:vouch": [Row("reference", get=seen_by("bob")), Row("nothing", get=members(404))],
    # The conduct module; in these sessions everybody has passed it, and alice has a result.
    "accounts:conduct": [Row(get=members())],
    "accounts:conduct_guidelines": [Row(get=members(), post=members(302))],
    "accounts:conduct_case": [Row(get=members(302), post=members(302), data={"case": "location"})],
    "accounts:conduct_explained": [Row("conduct case", get=members(302, alice=200))],
    "accounts:conduct_certificate": [Row("conduct result", get=seen_by("alice")), Row("nothing", get=members(404))],
    "accounts:conduct_check": [Row(get=anybody(), post=anybody(422), data={"number": "forged", "name": "Alice"})],
    "accounts:conduct_checked": [Row("conduct result", get=anybody()), Row("nothing", get=anybody(404))],
    "accounts:conduct_figures": [Row(get=only(200, "mod1", *OFFICERS))],
    "accounts:queue": [Row(get=moderators)],
    "accounts:decide": [Row("application", get=moderators), Row("nothing", get=only(404, "mod1"))],
    "accounts:recuse": [Row("application", post=only(302, "mod1"))],
    "accounts:rechecks": [Row(get=moderators)],
    "accounts:recheck": [
        Row("recheck", get=moderators, post=only(302, "mod1")),
        Row("nothing", get=only(404, "mod1")),
    ],
    "accounts:evidence": [Row("evidence", get=moderators), Row("nothing", get=only(404, "mod1"))],
    "accounts:people": [Row(get=only(403, "admin", admin=200))],
    "accounts:appointment": [
        Row("appointment", post=only(404, *OFFICERS, otherwise=403, admin=302)),
        Row("nothing", post=only(404, *OFFICERS)),
    ],
    # Groups: Ward is closed, Hall is open and bob asks to join it; alice moderates both. Nobody moderates Lost.
    "consults:groups": [Row(get=members())],
    "consults:group": [
        Row("group", get=seen_by("alice", "bob", "nurse", "student")),  # the student is invited
        Row("open group", get=members()),
        Row("ended group", get=members(404)),
        Row("nothing", get=members(404)),
    ],
    "consults:group_new": [
        Row(
            get=only(200, "alice", "bob", "mod1"),
            post=only(422, "alice", "bob", "mod1"),
        )
    ],
    "consults:group_proposal": [Row("proposal", get=seen_by("alice", "bob")), Row("nothing", get=members(404))],
    "consults:group_admission": [
        Row(
            "admission", get=seen_by("alice", "bob"), post=seen_by("alice", "bob", ok=302), data={"action": "take_back"}
        ),
        Row("invitation", get=seen_by("alice", "student"), post=seen_by("alice", "student", ok=302)),
        Row("nothing", get=members(404)),
    ],
    "consults:group_join": [
        Row("open group", post=only(302, "resident", "student", "mod1")),
        Row("group", post=seen_by("alice", "bob", "nurse", "student", ok=403)),
    ],
    "consults:group_leave": [
        Row("group", post=seen_by("alice", "bob", "nurse", ok=302, student=403)),
        Row("open group", post=only(302, "alice")),
    ],
    "consults:group_step_back": [
        Row("group", post=seen_by("alice", "bob", "nurse", "student", ok=403, alice=302)),
        Row("open group", post=only(302, "alice")),
    ],
    "consults:group_members": [
        Row(
            "group",
            get=seen_by("alice", "bob", "nurse", student=403),
            post=seen_by("alice", "bob", "nurse", "student", ok=403, alice=422),
        ),
        Row("open group", get=only(200, "alice"), post=only(422, "alice")),
    ],
    "consults:group_member": [
        Row(
            "group and bob",
            get=seen_by("alice", "bob", "nurse", "student", ok=403, alice=200),
            post=seen_by("alice", "bob", "nurse", "student", ok=403, alice=422),
        ),
        Row("group and nobody", get=seen_by("alice", "bob", "nurse", "student", ok=403, alice=404)),
        Row("open group and bob", get=only(404, "alice")),
    ],
    "consults:group_change": [
        Row(
            "group",
            get=seen_by("alice", "bob", "nurse", "student", ok=403, alice=200),
            post=seen_by("alice", "bob", "nurse", "student", ok=403, alice=422),
        ),
        Row("open group", get=only(200, "alice")),
    ],
    "consults:group_end": [
        Row(
            "group",
            get=seen_by("alice", "bob", "nurse", "student", ok=403, alice=200),
            post=seen_by("alice", "bob", "nurse", "student", ok=403, alice=302),
        ),
        Row("open group", get=only(200, "alice")),
    ],
    "consults:managed_groups": [Row(get=only(403, "admin", admin=200))],
    "consults:managed_group": [
        Row("group", get=only(404, *OFFICERS)),
        Row("open group", get=only(404, *OFFICERS, admin=200)),
        Row("lost group", get=only(404, *OFFICERS, admin=200), post=only(404, *OFFICERS, admin=302)),
        Row("nothing", get=only(404, *OFFICERS)),
    ],
    "accounts:members": [Row(get=only(200, "mod1", *OFFICERS))],
    # Profiles: members see members, and nobody else sees anything
    "accounts:directory": [Row(get=members())],
    "accounts:following": [Row(get=members())],
    "accounts:profile": [
        Row("bob", get=members()),
        Row("officer", get=members(404)),
        Row("applicant", get=members(404)),
        Row("suspended", get=members(404)),
        Row("lapsed", get=members(404)),
        Row("nothing", get=members(404)),
    ],
    "accounts:follow": [
        Row("bob", post=members(302, bob=404), data={"follow": "1"}),
        Row("bob", post=members(302), data={"follow": "0"}),
        Row("officer", post=members(404), data={"follow": "1"}),
        Row("nothing", post=members(404), data={"follow": "1"}),
    ],
    "accounts:portrait": [
        Row("portrait", get=members()),
        Row("portrait of another size", get=members(404)),
        Row("portrait of nobody", get=members(404)),
    ],
    "accounts:profile_edit": [Row(get=members(), post=members(302))],
    "accounts:send_portrait": [Row(post=members(422))],
    "accounts:remove_portrait": [Row(post=members(302))],
    "accounts:line_new": [Row("kind of line", get=members(), post=members(422)), Row("no kind", get=members(404))],
    "accounts:line": [Row("line", get=seen_by("alice"), post=seen_by("alice", ok=422))],
    "accounts:line_delete": [Row("line", post=seen_by("alice", ok=302))],
    "accounts:line_move": [Row("line", post=seen_by("alice", ok=302))],
    # This site is not registered with ORCID; tests/accounts/profiles/test_orcid.py has one that is.
    "accounts:orcid_connect": [Row(get=members(404), post=members(404))],
    "accounts:orcid_disconnect": [Row(get=members(404), post=members(404))],
    "accounts:orcid_sign_in": [Row(get=anybody(404), post=anybody(404))],
    "accounts:orcid_back": [Row(get=anybody(404))],
    "accounts:standing": [
        Row("bob", get=only(200, "mod1", "admin", officer=404)),
        Row("officer", get=only(404, "mod1", *OFFICERS, admin=200)),
        Row("mod1", get=only(404, "mod1", officer=404, admin=200)),
    ],
    # Moderation
    "consults:report_case": [
        Row("released", get=seen_by("bob", "resident", "mod1")),
        Row("draft", get=members(404)),
    ],
    "consults:report_comment": [Row("comment", get=seen_by("alice"))],
    "consults:edit_comment": [Row("comment", get=seen_by("bob"))],
    "consults:hide_case": [Row("released", get=moderators), Row("draft", get=only(404, "mod1"))],
    "consults:hide_comment": [Row("comment", get=only(404, "mod1"))],  # has not answered
    "consults:comment_history": [Row("comment", get=members(404))],  # was never changed
    "consults:moderation": [Row(get=moderators)],
    "consults:case_hold": [Row("hold", get=moderators), Row("nothing", get=only(404, "mod1"))],
    "consults:comment_hold": [
        Row("comment hold", post=only(302, "mod1")),
        Row("nothing", post=only(404, "mod1")),
    ],
    "consults:dismiss_report": [Row("report", post=only(302, "mod1"))],
    # Diagnoses that the list lacks; mod1 has not answered the other case of bob's.
    "consults:proposed_terms": [Row(get=moderators)],
    "consults:proposed_term": [
        Row("term", get=moderators, post=only(422, "mod1")),
        Row("blind term", get=only(404, "mod1"), post=only(404, "mod1")),
        Row("nothing", get=only(404, "mod1")),
    ],
    # Urgency and waiting
    "consults:urgency": [
        Row(
            "released",
            get=seen_by(*SEES_CASES, ok=403, alice=200),
            post=seen_by(*SEES_CASES, ok=403, alice=422),
        ),
        Row("teaching", get=seen_by(*SEES_CASES, "student", ok=403)),
        Row("draft", get=members(404)),
    ],
    "consults:end_urgency": [Row("released", post=seen_by(*SEES_CASES, ok=403, alice=302))],
    "consults:waiting_times": [Row(get=members())],
    "consults:rota": [Row(get=members(), post=members(302), data={"on": "1"})],
    "consults:reopen_report": [
        Row("settled report", post=only(302, "mod1")),
        Row("report", post=only(404, "mod1")),
    ],
    "consults:my_reports": [Row(get=members())],
    "consults:report_conduct": [Row(get=members(), post=members(422))],
    "consults:concerns": [Row(get=members(403))],  # none of these is a trusted person; test_concerns.py has some
    "consults:concern": [Row("concern", get=members(403), post=members(403))],
    "consults:reopen_concern": [Row("concern", post=seen_by("bob", ok=302))],
    "consults:transparency": [Row(get=only(200, *MEMBERS, *OFFICERS))],
    # Groups' rooms
    "consults:room": [
        Row("group", get=seen_by("alice", "bob", "nurse"), post=seen_by("alice", "bob", "nurse", ok=422)),
        Row("open group", get=seen_by("alice"), post=seen_by("alice", ok=422)),
        Row("ended group", get=members(404)),
        Row("nothing", get=members(404)),
    ],
    "consults:board": [Row("group", get=seen_by("alice", "bob", "nurse")), Row("open group", get=seen_by("alice"))],
    "consults:post_new": [
        Row(
            "group and poll",
            get=seen_by("alice", "bob", "nurse"),
            post=seen_by("alice", "bob", "nurse", ok=422),
        ),
        Row("group and no kind", get=members(404)),
    ],
    "consults:room_desk": [
        Row("group", get=seen_by("alice", "bob", "nurse", ok=403, alice=200)),
        Row("open group", get=seen_by("alice")),
    ],
    "consults:post": [
        Row("tip", get=seen_by("alice", "bob", "nurse")),
        Row("poll", get=seen_by("alice", "bob", "nurse")),
        Row("message", get=seen_by("alice", "bob", "nurse", ok=302)),
        Row("nothing", get=members(404)),
    ],
    "consults:post_vote": [
        Row("poll", post=seen_by("alice", "bob", "nurse", ok=302)),
        Row("tip", post=members(404)),
    ],
    "consults:post_edit": [Row("tip", get=seen_by("bob"), post=seen_by("bob", ok=422))],
    "consults:post_calendar": [Row("meeting", get=seen_by("alice", "bob", "nurse")), Row("tip", get=members(404))],
    "consults:post_report": [
        Row(
            "tip",
            get=seen_by("alice", "bob", "nurse", bob=403),
            post=seen_by("alice", "bob", "nurse", ok=422, bob=403),
        )
    ],
    "consults:post_hide": [
        Row(
            "tip",
            get=seen_by("alice", "bob", "nurse", ok=403, alice=200),
            post=seen_by("alice", "bob", "nurse", ok=403, alice=422),
        )
    ],
    "consults:post_history": [Row("message", get=seen_by("alice"))],
    "consults:post_hold": [Row("post hold", post=seen_by("alice", ok=302))],
    "consults:dismiss_post_report": [Row("post report", post=seen_by("alice", ok=302))],
    "consults:album": [Row("album", get=seen_by("alice", "bob", "nurse")), Row("tip", get=members(404))],
    "consults:album_cases": [Row("album", post=seen_by("alice", "bob", "nurse", ok=302))],
    # Reading
    "consults:cases": [Row(get=members())],
    "consults:case": [
        Row("released", get=seen_by(*SEES_CASES)),
        Row("in ward", get=seen_by("alice", "nurse", "bob")),
        Row("teaching", get=seen_by(*SEES_CASES, "student")),
        Row("submitted", get=members(404)),
        Row("draft", get=members(404)),
        Row("withdrawn", get=members(404)),
        Row("sensitive", get=seen_by(*SEES_CASES)),
        Row("follow-up", get=seen_by("alice", "bob", ok=302)),  # to its case
        Row("nothing", get=members(404)),
    ],
    "consults:full_picture": [
        Row("released photo", get=seen_by(*SEES_CASES)),
        Row("in ward photo", get=seen_by("alice", "nurse", "bob")),
        Row("teaching photo", get=seen_by(*SEES_CASES, "student")),
        Row("submitted photo", get=members(404)),
        Row("draft photo", get=members(404)),
        Row("withdrawn photo", get=members(404)),
        Row("sensitive photo", get=seen_by("alice")),  # the others have not asked for it
        Row("follow-up photo", get=members(404)),  # it has no page; its pictures have, under its case
        Row("released and photo of its follow-up", get=seen_by("alice", "bob")),
    ],
    "consults:pins": [
        Row(
            "released",
            get=seen_by(*SEES_CASES, ok=403, alice=200, bob=200),  # the others have not answered
            post=seen_by(*SEES_CASES, ok=403, alice=422, bob=422),
        ),
        Row("teaching", get=seen_by(*SEES_CASES, "student"), post=seen_by(*SEES_CASES, ok=422, student=403)),
        Row("draft", get=members(404), post=members(404)),
        Row("withdrawn", get=members(404), post=members(404)),
        Row("nothing", get=members(404), post=members(404)),
    ],
    "consults:remove_pin": [
        Row("released pin", post=seen_by("bob", ok=302, alice=403)),
        Row("no pin", post=members(404)),
    ],
    "consults:picture": [
        Row("sensitive picture", get=seen_by("alice")),  # the others have not asked for it
        Row("follow-up picture", get=seen_by("alice", "bob")),  # bob has opened the discussion
        Row("released picture", get=seen_by(*SEES_CASES)),
        Row("in ward picture", get=seen_by("alice", "nurse", "bob")),
        Row("teaching picture", get=seen_by(*SEES_CASES, "student")),
        Row("submitted picture", get=seen_by("alice", "mod1")),
        Row("draft picture", get=seen_by("alice")),
        Row("withdrawn picture", get=members(404)),
        Row("nothing", get=members(404)),
    ],
    "consults:add_followup": [
        Row("released", post=seen_by(*SEES_CASES, ok=403, alice=302)),
        Row("follow-up", post=members(404)),
        Row("draft", post=members(404)),
        Row("nothing", post=members(404)),
    ],
    "consults:ask_to_see": [
        Row("sensitive", post=seen_by(*SEES_CASES, ok=302, alice=403)),
        Row("released", post=seen_by(*SEES_CASES, ok=403)),
        Row("draft", post=members(404)),
    ],
    "consults:mark_sensitive": [
        Row("released", post=seen_by(*SEES_CASES, ok=403, alice=302, mod1=302), data={"classes": ["child"]}),
        Row("draft", post=members(404)),
    ],
    "consults:saved": [Row(get=members())],
    "consults:save": [
        Row("released", post=seen_by(*SEES_CASES, ok=302), data={"saved": "1"}),
        Row("in ward", post=seen_by("alice", "nurse", "bob", ok=302)),
        Row("withdrawn", post=members(404), data={"saved": "1"}),
        Row("draft", post=members(404), data={"saved": "1"}),
        Row("nothing", post=members(404)),
    ],
    "consults:following": [Row(get=members())],
    "consults:choose_topics": [Row(post=members(302), data={"topic": "hair"})],
    "consults:follow_case": [
        Row("released", post=seen_by(*SEES_CASES, ok=302, alice=403), data={"follow": "1"}),
        Row("in ward", post=seen_by("nurse", "bob", ok=302, alice=403), data={"follow": "1"}),
        Row("withdrawn", post=members(404), data={"follow": "1"}),
        Row("draft", post=members(404), data={"follow": "1"}),
        Row("nothing", post=members(404)),
    ],
    "consults:follow_group": [
        Row("group", post=seen_by("alice", "bob", "nurse", ok=302, student=403), data={"follow": "1"}),
        Row("nothing", post=members(404), data={"follow": "1"}),
    ],
    "consults:searches": [Row(get=members())],
    "consults:save_search": [Row(post=members(302), data={"site": "trunk"})],
    "consults:change_search": [Row("nothing", post=members(404))],
    "consults:similar": [
        Row("released", get=seen_by(*SEES_CASES, ok=403, alice=200, bob=200)),
        Row("in ward", get=seen_by("alice", "nurse", "bob", ok=403, alice=200)),
        Row("teaching", get=seen_by(*SEES_CASES, "student")),
        Row("withdrawn", get=members(404)),
        Row("nothing", get=members(404)),
    ],
    "consults:tags": [Row(get=members())],
    "consults:answer": [Row("released", post=seen_by(*SEES_CASES, ok=422, alice=403))],
    "consults:read_only": [Row("released", post=seen_by(*SEES_CASES, ok=302, alice=403))],
    "consults:revise": [Row("released", post=seen_by(*SEES_CASES, ok=403))],
    "consults:comment": [Row("released", post=seen_by(*SEES_CASES, ok=403, alice=422, bob=422))],
    "consults:people": [
        Row("released", get=seen_by(*SEES_CASES, ok=403, alice=200, bob=200)),
        Row("draft", get=members(404)),
    ],
    # Says nothing to anybody: no comment was written since.
    "consults:thread_news": [Row("released", get=members(204)), Row("nothing", get=members(204))],
    "consults:react": [Row("comment", post=seen_by("alice", ok=302), data={"kind": "agree"})],
    "consults:reactions": [Row("comment", get=seen_by("alice", "bob"))],
    "consults:my_role": [Row(get=members(), post=members(302))],
    "consults:close": [Row("released", get=seen_by(*SEES_CASES, ok=403, alice=200))],
    "consults:close_unresolved": [
        Row("released", post=seen_by(*SEES_CASES, ok=403, alice=302)),
        Row("withdrawn", post=members(404)),
    ],
    "consults:correct": [
        Row("teaching", get=seen_by(*SEES_CASES, "student", ok=403, alice=200)),
        Row("released", get=seen_by(*SEES_CASES, ok=403)),
        Row("withdrawn", get=members(404)),
    ],
    "consults:summary": [
        Row("released", get=seen_by(*SEES_CASES, ok=403, alice=200)),
        Row("teaching", get=seen_by(*SEES_CASES, "student", ok=403, alice=200)),
        Row("withdrawn", get=members(404, alice=302)),
        Row("draft", get=members(404)),
    ],
    "consults:withdraw_case": [
        Row("released", get=seen_by(*SEES_CASES, ok=403, alice=200), post=seen_by(*SEES_CASES, ok=403, alice=422)),
        Row("draft", get=seen_by("alice")),
        Row("withdrawn", get=members(404)),
    ],
    "consults:second_reads": [Row(get=moderators)],
    "consults:redactions": [Row(get=moderators)],
    "consults:decide_redaction": [Row("redaction", post=only(302, "mod1")), Row("nothing", post=only(404, "mod1"))],
    "consults:second_read": [
        Row("submitted", get=moderators),
        Row("draft", get=only(404, "mod1")),
        Row("released", get=only(404, "mod1")),
        Row("nothing", get=only(404, "mod1")),
    ],
    "consults:diagnoses": [Row(get=members())],
    # Posting
    "consults:new": [Row(get=members(302, student=403))],
    "consults:mine": [Row(get=members())],
    "consults:facts": [
        Row("draft", get=draft, post=seen_by("alice", ok=302), data={"kind": "difficult"}),
        Row("submitted", get=members(404), post=members(404)),
        Row("released", get=members(404), post=members(404)),
    ],
    "consults:check": [
        Row("draft", get=draft, post=seen_by("alice", ok=302)),
        Row("submitted", get=draft, post=members(404)),
        Row("released", get=draft, post=members(404)),
    ],
    "consults:take_back": [Row("submitted", post=seen_by("alice", ok=302))],
    "consults:consent": [
        Row("draft", get=draft, post=seen_by("alice", ok=422), data={"action": "record"}),
        Row("submitted", get=members(404), post=members(404)),
    ],
    "consults:hand_over_start": [
        Row("draft", get=draft, post=seen_by("alice", ok=422)),
        Row("submitted", get=members(404), post=members(404)),
    ],
    "consults:attach": [
        Row("draft and consent", get=draft, post=seen_by("alice", ok=422)),
        Row("submitted and consent", get=members(404), post=members(404)),
        Row("draft and nothing", get=members(404), post=members(404)),
    ],
    # Nothing is handed over in these sessions; tests/consults/cases/consenting/test_handover.py has the others.
    "consults:hand_over": [Row(get=members(302), post=members(302))],
    "consults:hand_back": [Row(post=members(302))],
    "consults:retract": [
        Row("released", post=seen_by("alice", ok=302)),
        Row("draft", post=members(404)),
    ],
    "consults:consent_record": [
        Row(
            "consent",
            get=only(200, "alice", *OFFICERS, otherwise=404),
            post=only(422, "alice", *OFFICERS, otherwise=404),
            data={"action": "choose"},
        ),
        Row("nothing", get=only(404, *MEMBERS, *OFFICERS)),
    ],
    # No code is kept in these sessions.
    "consults:code": [Row("consent", get=seen_by("alice", ok=302)), Row("nothing", get=members(404))],
    "consults:code_given": [Row("consent", post=seen_by("alice", ok=302)), Row("nothing", post=members(404))],
    "consults:receipt_file": [Row("consent", get=seen_by("alice", ok=302)), Row("nothing", get=members(404))],
    "consults:receipt": [
        Row("consent", post=seen_by("alice", ok=302)),
        Row("nothing", post=members(404)),
    ],
    "consults:pictures": [
        Row("draft", get=draft, post=seen_by("alice", ok=400)),
        Row("submitted", get=members(404), post=members(404)),
    ],
    "consults:upload": [
        # Without the headers that say which file.
        Row("draft", get=seen_by("alice", ok=400)),
        Row("submitted", get=members(404)),
    ],
    "consults:picture_progress": [Row("draft", get=draft), Row("submitted", get=members(404))],
    "consults:arrange_pictures": [Row("draft", post=draft), Row("submitted", post=members(404))],
    "consults:retry_picture": [
        Row("draft review", post=seen_by("alice", ok=302)),
        Row("submitted photo", post=members(404)),
    ],
    # Without a choice to make, back to the list.
    "consults:choose_frames": [
        Row("draft review", get=seen_by("alice", ok=302), post=seen_by("alice", ok=302)),
        Row("submitted photo", get=members(404), post=members(404)),
    ],
    "consults:frame_preview": [
        Row("draft review frame", get=members(404)),
        Row("submitted photo frame", get=members(404)),
    ],
    "consults:about_picture": [Row("draft review", post=seen_by("alice", ok=302))],
    "consults:move_picture": [Row("draft review", post=seen_by("alice", ok=302))],
    "consults:reopen_picture": [
        Row("draft photo", post=seen_by("alice", ok=302)),
        Row("draft review", post=seen_by("alice", ok=302)),
        Row("submitted photo", post=members(404)),
    ],
    "consults:studio": [
        Row("draft review", get=draft, post=seen_by("alice", ok=422)),
        Row("draft photo", get=seen_by("alice", ok=302)),
        Row("submitted photo", get=members(404), post=members(404)),
    ],
    "consults:save_masks": [
        Row("draft review", post=seen_by("alice", ok=400)),
        Row("draft photo", post=members(404)),
    ],
    "consults:copy_masks": [
        Row("draft review", post=seen_by("alice", ok=409)),  # there is no other picture to review
        Row("draft photo", post=members(404)),
    ],
    "consults:mask_receipt": [
        Row("draft photo", get=draft),
        Row("draft review", get=members(404)),
        Row("submitted photo", get=seen_by("alice", "mod1")),
        Row("released photo", get=draft),
        Row("withdrawn photo", get=members(404)),
    ],
    "consults:preview": [
        Row("draft review", get=draft),
        Row("draft photo", get=members(404)),
        Row("submitted photo", get=members(404)),
        Row("released photo", get=members(404)),
    ],
    "consults:result": [Row("draft review", get={**draft, "alice": 202}), Row("released photo", get=members(404))],
    # Consent audit
    "compliance:consent_audit": [Row(get=officers)],
    "compliance:consent_audit_summary": [Row(get=officers)],
    "compliance:consent_audit_figures": [Row(get=officers)],
    # Whoever is let in shows once more who they are (tests/compliance/test_audit_exports.py goes on from there).
    "compliance:consent_audit_export": [
        Row(get=only(302, *OFFICERS), post=only(302, *OFFICERS), data={"formats": "csv"})
    ],
    "compliance:viewer_mark": [Row(get=only(302, *OFFICERS), post=only(302, *OFFICERS))],
    "compliance:consent_audit_exports": [Row(get=officers)],
    "compliance:consent_audit_log": [Row(post=officers)],
    # Consent forms
    "consent:forms": [Row(get=officers)],
    "consent:form_new": [Row(get=officers, post=only(422, *OFFICERS))],
    "consent:form_text": [Row("form text", get=anybody()), Row("draft form text", get=anybody(404))],
    "consent:form": [Row("consent form", get=officers), Row("nothing", get=only(404, *OFFICERS))],
    "consent:form_edit": [
        Row("draft form", get=officers, post=only(302, *OFFICERS)),
        Row("consent form", get=only(404, *OFFICERS)),
    ],
    "consent:form_publish": [
        Row("draft form", post=only(422, *OFFICERS)),
        Row("consent form", post=only(404, *OFFICERS)),
    ],
    "consent:form_retire": [Row("consent form", post=only(302, *OFFICERS))],
    "consent:form_next": [Row("consent form", post=only(302, *OFFICERS))],
    "consent:form_discard": [Row("draft form", post=only(302, *OFFICERS))],
    # Last, because destroyed bytes do not come back with the rows
    "consults:remove_picture": [
        Row("draft review", post=seen_by("alice", ok=302)),
        Row("submitted photo", post=members(404)),
    ],
    "consults:discard": [Row("released", post=members(404)), Row("draft", post=seen_by("alice", ok=302))],
}


def test_every_address_has_a_row() -> None:
    found = [name for name, _view in views(get_resolver())]
    assert sorted(found) == sorted(set(found))
    assert set(found) == set(ROWS)


@pytest.fixture
def places(db: None) -> dict[str, list[object]]:
    """The words in `about` -> the arguments of an address."""
    alice, bob, nurse = (factories.person(name) for name in ("alice", "bob", "nurse"))
    ward = Group.objects.create(name="Ward", open_to_nurses=True)
    Membership.objects.bulk_create(
        Membership(group=ward, member=member, is_moderator=member == alice) for member in (alice, bob, nurse)
    )
    hall = Group.objects.create(name="Hall", kind=Kind.OPEN)
    Membership.objects.create(group=hall, member=alice, is_moderator=True)
    admission = Admission.objects.create(group=hall, member=bob, way=Way.REQUEST, by=bob)
    invitation = Admission.objects.create(group=ward, member=factories.person("student"), way=Way.INVITATION, by=alice)
    proposal = GroupProposal.objects.create(name="Nails", kind=Kind.CLOSED, by=bob, second=alice)
    lost = Group.objects.create(name="Lost")
    ended = Group.objects.create(name="Ended", kind=Kind.OPEN, ended_at=timezone.now())
    data = pictures.encoded(pictures.chart(), "JPEG")
    cases = {
        "released": reading.case(data=data),
        "in ward": reading.case(data=data, group=ward),
        "teaching": reading.closed(reading.case(data=data, kind="teaching"), "actinic-keratosis"),
        "submitted": reading.case(data=data, state=CaseState.SUBMITTED),
        "draft": reading.case(data=data, state=CaseState.DRAFT),
        "withdrawn": reading.case(data=data),
        "sensitive": reading.case(data=data, sensitive=["child"]),
    }
    cases["follow-up"] = additions.addition(cases["released"], data=data)
    withdrawal = withdraw(consent_id=cases["withdrawn"].consent_id, by=WithdrawnBy.PATIENT)
    removal = Removal.objects.create(
        consent_id=cases["released"].consent_id, cause=Cause.PICTURE, by=WithdrawnBy.PATIENT, picture=uuid.uuid4()
    )
    comment = Comment.objects.create(case=cases["released"], author=bob, text="As on the other picture.")
    Answer.objects.create(case=cases["released"], member=bob, kind="read_only")
    held = CaseHold.objects.create(
        case=reading.case(factories.person("alice")), by=factories.person("mod2"), reason="conduct"
    )
    report = Report.objects.create(case=cases["released"], reporter=bob, reason="conduct")
    settled = Report.objects.create(
        case=cases["released"],
        reporter=bob,
        reason="conduct",
        hidden=False,
        finding="mistaken",
        settled_by=factories.person("mod2"),
        settled_at=timezone.now(),
    )
    other = reading.case()
    reading.answer(other, factories.person("mod1"))
    answered, blind = reading.case(), reading.case()
    reading.answer(answered, factories.person("mod1"), "psoriasis")
    own_terms = {
        name: ProposedTerm.objects.create(
            answer=reading.answer(case, bob, "psoriasis"), text="Wooden skin", language="en", rank=2, confidence="sure"
        )
        for name, case in (("term", answered), ("blind term", blind))
    }
    Following.objects.create(member=bob, case=cases["released"])
    SavedSearch.objects.create(member=bob, query="q=plaque")
    said = Comment.objects.create(case=other, author=bob, text="Something else.")
    comment_hold = CommentHold.objects.create(comment=said, by=factories.person("mod2"), reason="conduct")
    appointment = Appointment.objects.create(member=bob, office="moderator", proposed_by=factories.person("mod2"))
    redaction = Redaction.objects.create(comment=said, reason=Redaction.Reason.PICTURE)
    line = Training(degree="MD")
    profiles.add_line(line, member=alice)
    profiles.add_line(Position(title="Consultant"), member=alice)
    profiles.add_line(Publication(words="On plaques"), member=alice)
    Follow.objects.create(follower=alice, followed=bob)
    portrait = portraits.replace(member=bob, picture=CLEAN)
    with mock.patch.object(portraits, "squares", lambda data: dict.fromkeys(portraits.SIZES, data)):
        portraits.prepare(portrait.pk)
    recovery = Recovery.objects.create(member=bob, state="confirmed", confirmed_at=timezone.now())
    found: dict[str, list[object]] = {
        "": [],
        "recovery": [recovery.pk],
        "recovery token": [path_of(recovery).rstrip("/").rpartition("/")[2]],
        "nothing": [uuid.uuid4()],
        "no factor": [0],
        "nothing key": ["0", "set-password"],
        "moderator guide": ["moderator"],
        "no guide": ["gardener"],
        "withdrawal": [withdrawal.pk],
        "removal": [removal.pk],
        "consent": [cases["released"].consent_id],
        "redaction": [redaction.pk],
        "comment": [comment.pk],
        "hold": [held.pk],
        "comment hold": [comment_hold.pk],
        "appointment": [appointment.pk],
        "report": [report.pk],
        "settled report": [settled.pk],
        "concern": [Concern.objects.create(reporter=bob, about=alice, kind="pressure").pk],
        **in_the_room(ward, bob, nurse),
        "group": [ward.pk],
        "line": ["training", line.pk],
        "kind of line": ["training"],
        "no kind": ["hobby"],
        "portrait": [portrait.pk, 64],
        "portrait of another size": [portrait.pk, 65],
        "portrait of nobody": [uuid.uuid4(), 64],
        "group and bob": [ward.pk, bob.pk],
        "group and nobody": [ward.pk, uuid.uuid4()],
        "open group": [hall.pk],
        "open group and bob": [hall.pk, bob.pk],
        "lost group": [lost.pk],
        "ended group": [ended.pk],
        "admission": [admission.pk],
        "invitation": [invitation.pk],
        "proposal": [proposal.pk],
        **{name: [one.pk] for name, one in own_terms.items()},
    }
    for name, case in cases.items():
        photo = Photo.objects.get(placement__case=case)
        found |= {
            name: [case.pk],
            f"{name} photo": [case.pk, photo.pk],
            f"{name} picture": [Rendition.objects.get(photo=photo, name="display").pk],
        }
    pin = put_pin(cases["released"], bob)
    found |= {
        "released and photo of its follow-up": [cases["released"].pk, found["follow-up photo"][1]],
        "released pin": [cases["released"].pk, pin.number],
        "no pin": [cases["released"].pk, pin.number + 1],
        "draft and consent": [cases["draft"].pk, cases["released"].consent_id],
        "submitted and consent": [cases["submitted"].pk, cases["released"].consent_id],
        "draft and nothing": [cases["draft"].pk, uuid.uuid4()],
    }
    found["draft review"] = [cases["draft"].pk, in_review(cases["draft"], data).pk]
    found |= {f"{name} frame": [*found[name], 1] for name in ("draft review", "submitted photo")}
    texts = {language: Text("Title", "Words.") for language in publishing.LANGUAGES}
    found["consent form"] = [publishing.site_forms().get(code="rete-standard").pk]
    found["draft form"] = [publishing.create_draft(code="own", texts=texts, by=factories.person("officer")).pk]
    for name in ("consent form", "draft form"):
        text = Form.objects.get(pk=found[name][0])
        found |= {f"{name.replace('consent ', '')} text": [text.code, text.version, text.language]}
    application = applied(factories.person("applicant"), bob)
    picture = EvidencePicture.objects.get(application=application)
    decisions.apply(email="later@lake.example", claim=claim())
    draft = Draft.objects.get()
    found |= {
        "application": [application.pk],
        "recheck": [rechecked().pk],
        "conduct case": ["location"],
        "conduct result": [passed_before(alice).pk],
        "reference": [Reference.objects.get(application=application).pk],
        "evidence": [picture.pk],
        "token": [confirmation_path(application.pk).rstrip("/").rpartition("/")[2]],
        "draft token": [finishing_path(draft.pk).rstrip("/").rpartition("/")[2]],
        "bad token": ["forged"],
    }
    for name, member in (("check", bob), ("own check", factories.person("mod1"))):
        found[name] = [yearly_check(member, application).pk]
    resident, gone = factories.person("resident"), factories.member(standing="suspended")
    suspension = Suspension.objects.create(
        member=gone, by=factories.person("mod2"), reason="conduct", former="verified", note="Something."
    )
    found |= {
        "question": [Supervision.objects.create(resident=resident, supervisor=bob, email=bob.email).pk],
        "suspension token": [appeals.path_of(suspension).rstrip("/").rpartition("/")[2]],
    }
    change = AddressChange.objects.create(member=bob, email="later@lake.example")
    found["address token"] = [address.link(change, address.Side.NEW).rstrip("/").rpartition("/")[2]]
    found["notice"] = [told(alice, view="consults:mine").pk]
    found["stop token"] = [stop_path(bob).rstrip("/").rpartition("/")[2]]
    found["push"] = [PushSubscription.objects.create(member=alice, endpoint="https://fcm.googleapis.com/x").pk]
    people = ("bob", "nurse", "officer", "mod1", "applicant", "suspended", "lapsed")
    return found | {name: [factories.person(name).pk] for name in people}


def in_the_room(group: Group, bob: Member, nurse: Member) -> dict[str, list[object]]:
    """Posts of bob's in the room of a group, one of the nurse's that is hidden, and a report."""
    now = timezone.now()

    def post(kind: str, by: Member = bob, **fields: Any) -> Post:
        return Post.objects.create(group=group, author=by, kind=kind, title="On nails", **fields)

    message, tip, album = (post(kind) for kind in ("message", "tip", "album"))
    message.versions.create(text="Before.")
    poll = post("poll", closes_at=now + timedelta(days=7))
    for position, text in enumerate(("Yes", "No"), start=1):
        PollOption.objects.create(poll=poll, position=position, text=text)
    meeting = post("meeting", starts_at=now, ends_at=now + timedelta(hours=1))
    hidden = PostHold.objects.create(post=post("tip", by=nurse), by=factories.person("mod2"), reason="conduct")
    reported = PostReport.objects.create(post=tip, reporter=nurse, reason="conduct")
    found = {
        "message": message, "tip": tip, "album": album, "poll": poll, "meeting": meeting, "post hold": hidden,
        "post report": reported,
    }  # fmt: skip
    return {name: [row.pk] for name, row in found.items()} | {
        "group and poll": [group.pk, "poll"],
        "group and no kind": [group.pk, "message"],
    }


def yearly_check(member: Member, application: Application) -> YearlyCheck:
    """A yearly check that waits."""
    today = timezone.localdate()
    return YearlyCheck.objects.create(member=member, application=application, until=today, target_on=today)


def in_review(case: Case, data: bytes) -> Photo:
    """A picture of this draft whose masks are being reviewed, with its original and preview."""
    photo = reading.picture(case).photo
    photo.renditions.all().delete()
    Photo.objects.filter(pk=photo.pk).update(
        state=State.REVIEW, width=64, height=48, confirmed_at=None, confirmed_by=None, sealed_at=None
    )
    vault.create_key(photo.original_key)
    for part, name in (("original", photo.original_name), ("preview", photo.preview_name)):
        context = f"{part}|{photo.id}|{photo.original_key}"
        storage.put_sealed(storage.originals(), name=name, key_id=photo.original_key, context=context, data=data)
    return photo


def rechecked() -> Recheck:
    """A re-check of somebody who was accepted last quarter."""
    member = factories.member(email="accepted@lake.example")
    application = Application.objects.create(
        member=member,
        profession="dermatologist",
        state="accepted",
        reason="matches",
        decided_at=timezone.now(),
        guidelines_accepted_at=timezone.now(),
        target_on=timezone.localdate(),
    )
    draw, _made = Draw.objects.get_or_create(quarter="2020-01-01", defaults={"accepted": 20, "drawn": 1})
    return Recheck.objects.create(application=application, draw=draw)


def applied(applicant: Member, referee: Member) -> Application:
    """The applicant's application with a licence picture, and bob named as a referee."""
    said = claim(evidence_kind=EvidenceKind.PICTURE)
    application = join(email="another@lake.example", said=said, picture=CLEAN)
    Application.objects.filter(pk=application.pk).update(member=applicant)
    Reference.objects.create(application=application, member=referee, kind=ReferenceKind.VOUCHER)
    return Application.objects.get(pk=application.pk)


@pytest.mark.service  # a sweep over every address and everybody
@pytest.mark.parametrize("method", ["get", "post"])
def test_everybody_everywhere(places: dict[str, list[object]], method: str) -> None:
    with_passwords()
    sessions = {name: session_of(name) for name in EVERYBODY}
    wrong = []
    for name, rows in ROWS.items():
        for row in rows:
            expected = getattr(row, method)
            if not expected:
                continue
            assert set(expected) == set(EVERYBODY), name
            address = reverse(name, args=places[row.about])
            for who in EVERYBODY:
                got = status(method, address, session=sessions[who], data=row.data)
                if got != expected[who]:
                    wrong.append(f"{method} {name} ({row.about}) as {who}: {got} and not {expected[who]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.service  # a sweep over every address and every state
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_state_everywhere(places: dict[str, list[object]], method: str) -> None:
    with_passwords()
    sessions = {name: session_in(state) for name, state in STATES.items()}
    wrong = []
    for name, rows in ROWS.items():
        for row in rows:
            expected = getattr(row, method)
            if not expected:
                continue
            address = reverse(name, args=places[row.about])
            for who, state in STATES.items():
                wanted = state.status(expected, name=name, about=row.about, method=method)
                got = status(method, address, session=sessions[who], data=row.data)
                if got != wanted:
                    wrong.append(f"{method} {name} ({row.about}) as {who}: {got} and not {wanted}")
    assert not wrong, "\n".join(wrong)


def session_in(state: InState) -> str:
    """A session's key, of somebody in this state."""
    client = Client()
    client.force_login(state.person())
    session = client.session
    state.session(session)
    session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


# Answers to a form that are pages of their own. None of them shows anything that could not be asked for again.
RENDERED = {
    "accounts:confirm_address": "what the link did: sent again, it says that it is over or still waits",
    "compliance:consent_audit_log": "the check of the log, which any other click repeats",
    "notifications:stop": "that it is done; a mail program sends it again without harm",
    "consults:arrange_pictures": "the new order, as a part of a page",
    **dict.fromkeys(
        (name for name in ROWS if name.startswith("account_")), "allauth repeats its form with the errors; no secret"
    ),
}


@pytest.mark.service  # a sweep over every address
def test_no_answer_to_a_form_is_a_page(places: dict[str, list[object]]) -> None:
    """Whoever reloads a page sends nothing twice, and another language loses nothing: a form leads to an address."""
    with_passwords()
    wrong = []
    for who in ("alice", "bob", "mod1", "officer", "applicant", "anonymous"):
        session = session_of(who)
        for name, rows in ROWS.items():
            for row in rows:
                address = reverse(name, args=places[row.about])
                if status("post", address, session=session, data=row.data or {"sent": "1"}) != 200:
                    continue
                if name not in RENDERED:
                    wrong.append(f"{name} ({row.about}) as {who}")
    assert not wrong, "\n".join(wrong)


def session_of(name: str) -> str:
    """A session's key, or "" for somebody who is not signed in."""
    if name == "anonymous":
        return ""
    client = Client()
    client.force_login(factories.person(name))
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def status(method: str, address: str, *, session: str, data: dict[str, Any]) -> int:
    """The status of one request; what it changed in the databases is undone."""
    cache.clear()  # no limit on tries between requests that have nothing to do with each other
    CLIENT.cookies.clear()
    if session:
        CLIENT.cookies[settings.SESSION_COOKIE_NAME] = session
    with transaction.atomic(), transaction.atomic(using="keys"):
        response = getattr(CLIENT, method)(address, data)
        if response.streaming:
            b"".join(response.streaming_content)
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="keys")
    return int(response.status_code)


def test_post_only_addresses_lead_a_get_to_their_page(places: dict[str, list[object]]) -> None:
    """After signing in, after a change of language and on a reload, browsers come by GET to where they posted."""
    with_passwords()
    wrong = []
    for name, rows in ROWS.items():
        if not any(row.post for row in rows):
            continue
        row = next((row for row in rows if row.post), rows[0])
        insiders = [
            who for who in ("alice", "mod1", "officer", "admin", "applicant") if row.post[who] not in (403, 404)
        ]
        address = reverse(name, args=places[row.about])
        for who in insiders:
            client = Client(raise_request_exception=False)
            client.force_login(factories.person(who))
            page = client.get(address, follow=True)
            if page.status_code != 200:
                wrong.append(f"{name} as {who}: {page.status_code} at {page.request['PATH_INFO']}")
    assert not wrong, "\n".join(wrong)


def test_addresses_for_forms_alone_say_where_they_lead() -> None:
    """Without the decorator a GET would do what the form does."""
    known = dict(views(get_resolver()))
    for name, rows in ROWS.items():
        if not any(row.get for row in rows):
            assert getattr(known[name], "leads_to", ""), name


ASKED_BY_THE_VIEW = {"consults:concerns", "consults:concern"}  # nobody here is a trusted person: test_concerns.py


def test_views_are_open_to_the_audiences_that_get_something_there() -> None:
    """Asked of the marks of views, without a request: which objects somebody gets is for the sweeps."""
    known = dict(views(get_resolver()))
    fields = {"profession": "dermatologist", "standing": "verified", "verified_until": factories.next_year()}
    for name, rows in ROWS.items():
        if name in ASKED_BY_THE_VIEW or not getattr(known[name], "login_required", True):
            continue
        for audience in (("alice", "bob", "resident", "nurse", "student"), OFFICERS, OUTSIDE):
            people = {who: Member(**(fields | factories.PEOPLE[who])) for who in audience}
            enter = {who for who, member in people.items() if may_enter(member, known[name])}
            statuses = {expected[who] for row in rows for expected in (row.get, row.post) if expected for who in people}
            assert enter == (set() if statuses == {403} else set(people)), f"{name}: {statuses}"


# What a look at any page may write: that a session was used, how often somebody tried, how often one was refused.
WRITES = re.compile(
    r'^(?:INSERT INTO|UPDATE|DELETE FROM) "(?!accounts_session|core_count|core_cacheentry|core_refusal)'
)


@pytest.mark.parametrize("who", ["alice", "bob", "mod1", "officer", "admin", "applicant"])
def test_a_get_of_an_address_for_forms_changes_nothing(places: dict[str, list[object]], who: str) -> None:
    """A link in a mail, a picture's address or a page that loads ahead does nothing in somebody's name."""
    with_passwords()
    session = session_of(who)
    wrong = []
    for name, rows in ROWS.items():
        if any(row.get for row in rows):
            continue
        for row in rows:
            with CaptureQueriesContext(connection) as asked:
                status("get", reverse(name, args=places[row.about]), session=session, data=row.data)
            wrong += [
                f"{name} ({row.about}): {query['sql'][:90]}" for query in asked if WRITES.match(query["sql"] or "")
            ]
    assert not wrong, "\n".join(wrong)


def test_no_address_answers_a_get_with_405(places: dict[str, list[object]]) -> None:
    """Strangers too are led on: to the way in, and from there to the page."""
    for name, rows in ROWS.items():
        for who in ("anonymous", "alice", "officer"):
            about = rows[0].about
            assert status("get", reverse(name, args=places[about]), session=session_of(who), data={}) != 405, name


def test_another_method_gets_a_page_with_the_next_step(places: dict[str, list[object]]) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(factories.person("alice"))
    for name in ("consults:comment", "consults:case", "home"):
        answer = client.delete(reverse(name, args=places["released"] if name != "home" else []))
        assert (answer.status_code, "POST" in answer["Allow"]) == (405, name == "consults:comment")
        assert "Nothing was changed." in answer.content.decode()
    plain = client.delete(reverse("home"), headers={"Accept": "application/json"})
    assert (plain.status_code, plain.content) == (405, b"")
