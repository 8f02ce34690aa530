"""Guards of which another one stands in front, and conditions that guard nothing: each with the reason."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lock:
    """Guards that keep the same thing: any of them may go, all of them together may not."""

    others: tuple[str, ...]
    why: str


BLOCKERS = "consults/cases/gate/blockers.py"
POLICY = "accounts/policy.py"
VISIBILITY = "consults/cases/gate/visibility.py"
GROUPS = "consults/groups/policy.py"
DISCUSSION = "consults/discussion/policy.py"
FOLLOWING = "consults/following/policy.py"
ROOMS = "consults/groups/rooms/policy.py"
CONCERNS = "consults/moderation/concerns/policy.py"
PICTURES = "consults/cases/media_path.py"

# A guard's name -> those that are taken away with it. One test has to go red then.
SECOND_LOCKS: dict[str, Lock] = {
    "accounts/access.py::audiences_of [member.standing in (Standing.SUSPENDED, Standing.ERASED)]": Lock(
        (
            "accounts/middleware.py::VerifiedMembersMiddleware.process_view "
            "[member.standing in (Standing.SUSPENDED, Standing.ERASED)]",
        ),
        "the middleware signs the suspended out before it asks for an audience",
    ),
    f"{POLICY}::recoveries_to_read [not (member.may_moderate or (member.is_verified and member.is_staff))]": Lock(
        (f"{POLICY}::recoveries_to_read [pk__in=recoveries_for(member)]",),
        "judges of a recovery are moderators and administrators only",
    ),
    f"{POLICY}::recoveries_to_read [state=RecoveryState.CONFIRMED]": Lock(
        (f"{POLICY}::recoveries_to_read [pk__in=recoveries_for(member)]",),
        "only a confirmed recovery has judges",
    ),
    f"{DISCUSSION}::to_answer [not isinstance(member, Member)]": Lock(
        (f"{DISCUSSION}::to_answer [not rights(member).diagnose]",), "strangers have no rights"
    ),
    f"{DISCUSSION}::to_answer [not rights(member).diagnose]": Lock(
        (f"{DISCUSSION}::to_answer [state=CaseState.RELEASED]",), "students see closed cases only"
    ),
    f"{GROUPS}::groups_to_request [not isinstance(member, Member)]": Lock(
        (f"{GROUPS}::groups_to_request [not rights(member).see_cases]",), "strangers have no rights"
    ),
    f"{GROUPS}::may_moderate [isinstance(member, Member)]": Lock(
        ("accounts/policy.py::rights [not isinstance(member, Member)]",), "strangers have no rights"
    ),
    f"{GROUPS}::places_to_remove [exclude(member=_pk(member))]": Lock(
        (f"{GROUPS}::places_to_remove [exclude(pk__in=moderating().filter(is_among(mine, 'group')).values('p…]",),
        "who removes somebody moderates the group, and no moderator is removed",
    ),
    "consent/withdrawal/partial_withdrawal.py::part_picture [consent is None]": Lock(
        ("consent/withdrawal/partial_withdrawal.py::part_picture [found is None]",),
        "without a consent no thumbnail is looked for",
    ),
    f"{VISIBILITY}::held_additions [not member.may_moderate]": Lock(
        (f"{VISIBILITY}::held_cases [not member.may_moderate]",), "follow-ups of held cases, which nobody else has"
    ),
    f"{VISIBILITY}::own_cases [not isinstance(member, Member)]": Lock(
        (f"{VISIBILITY}::own_cases [not rights(member).see_cases]",), "strangers have no rights"
    ),
    f"{PICTURES}::_send [not isinstance(member, Member)]": Lock(
        (f"{PICTURES}::_send [not passes(request, member, picture)]",), "strangers do not pass"
    ),
    **{
        f"{FOLLOWING}::{name} [not isinstance(member, Member)]": Lock(
            (f"{FOLLOWING}::{name} [not rights(member).see_cases]",), "strangers have no rights"
        )
        for name in ("groups_to_follow", "own_followings", "own_searches")
    },
}

# What looks like a guard to `guards.py` and keeps nobody from anything.
NO_GUARDS: dict[str, str] = {
    f"{BLOCKERS}::blockers_of [not cases]": "spares the queries when there is no case",
    "accounts/membership/yearly/service.py::send [application is None]": "`may_send` asked; for the type checker",
    f"{POLICY}::conflict_of_interest [member__isnull=False]": "a colleague who is no member is in no list of members",
    f"{POLICY}::checks_to_decide [state=CheckState.WAITING]": "spares the conflicts of checks that nobody asked about",
    f"{POLICY}::_somebody_else_may_lift [exclude(pk=OuterRef('pk'))]": "the suspended are not verified",
    f"{POLICY}::_somebody_else_may_lift [is_privacy_officer=False]": "no moderator is an officer: a constraint",
    f"{POLICY}::_somebody_else_may_lift [is_staff=False]": "nor an administrator",
    f"{DISCUSSION}::discussions [not isinstance(member, Member)]": "the gate shows strangers nothing",
    f"{DISCUSSION}::to_comment [not isinstance(member, Member)]": "strangers have no rights, and see no discussion",
    f"{GROUPS}::places_to_remove [is_among(mine, 'group') #2]": "spares the moderators of other groups",
    f"{VISIBILITY}::_release_matches [basis=Release.Basis.CONSENT]": (
        "a release with a consent has that basis: a constraint"
    ),
    f"{BLOCKERS}::_facts [pk__in=[case.pk for case in cases]]": "spares the facts of cases that nobody asked about",
    "accounts/profiles/views.py::portrait [size not in portraits.SIZES]": "nothing is kept in another size: not found",
    "consults/cases/gate/release.py::lock_consents [Q(pk=case.consent_id) or Q(cases__additions=case.pk)]": (
        "which rows wait, not who is refused"
    ),
    "consults/cases/gate/release.py::lock_consents [pk__in=needed]": "which rows wait",
    "accounts/security/factors/middleware.py::FactorMiddleware.process_view [not isinstance(member, Member)]": (
        "strangers come as far as public views, of which no factor is asked"
    ),
    "accounts/security/factors/middleware.py::FactorMiddleware.process_view [not request.accepts('text/html')]": (
        "how a refusal looks, not whether"
    ),
    "consults/cases/gate/shown_pictures.py::covered_more_since [name=Rendition.Name.DISPLAY]": (
        "a SHA-256 is that of one rendition"
    ),
    f"{VISIBILITY}::visible_additions [~_WHOLE]": "a whole case follows none, so that no case stands for it",
    f"{VISIBILITY}::held_additions [~_WHOLE]": "a whole case follows none, so that no case stands for it",
    "consults/cases/gate/release.py::_releases_today [pk__in=(by.pk, author_id)]": "which rows wait",
    f"{PICTURES}::PicturePathMiddleware._requested_id [request.method != 'GET']": "the view takes GET alone",
    f"{PICTURES}::_send [not key]": "spares the look-up of a session that no cookie names",
    f"{ROOMS}::rooms [not scope]": "who sees no case sees no group either",
    f"{ROOMS}::polls_to_vote [kind=PostKind.POLL]": "only a poll has an end: a constraint",
    f"{ROOMS}::posts_to_report [~is_hidden()]": "hidden posts of others are not seen, and one's own not reported",
    f"{CONCERNS}::trusted [is_staff=False]": "a trusted person has no other office: a constraint",
    f"{CONCERNS}::trusted [is_privacy_officer=False]": "a trusted person has no other office: a constraint",
    f"{CONCERNS}::to_hear [exclude(about__institution='')]": "spares rows: no house is no house of anybody",
    f"{CONCERNS}::to_hear [about__isnull=False]": "spares rows: nobody is in no house",
    f"{CONCERNS}::to_close [taken_by=getattr(member, 'pk', None)]": "whoever still hears a taken one has taken it",
    "consults/pins/policy.py::visible_pins [not isinstance(member, Member)]": "no discussion is open to strangers",
    "core/permissions.py::policy_table [merged.keys()]": "a mistake of programmers, told at the start",
    "core/permissions.py::policy_table [rules.keys()]": "a mistake of programmers, told at the start",
}
