"""The form in which a member chooses what they are told, how, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from django import forms
from django.forms import BoundField
from django.utils import dates
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from accounts.policy import rights
from notifications.notices import preferences, times
from notifications.notices.kinds import Channel, Kind, channels_of
from notifications.notices.models import Preference, Rhythm

_TALK: Final = (Kind.MENTION, Kind.REPLY, Kind.CONSENSUS, Kind.OUTCOME, Kind.RIGHT, Kind.FOLLOW_UP)
_MINE: Final = (Kind.ANSWER, Kind.RELEASED, Kind.SENT_BACK, Kind.HELD, Kind.REMINDER, Kind.TERM)
_FOUND: Final = (Kind.WAITING, Kind.URGENT, Kind.FOLLOWED, Kind.SAVED_SEARCH, Kind.POLL, Kind.ANNOUNCEMENT)
_WORK: Final = (Kind.SECOND_READ, Kind.APPLICATION, Kind.PROPOSAL)
_SITE: Final = (Kind.REPORT, Kind.WITHDRAWAL, Kind.MEMBERSHIP)
GROUPS: Final[tuple[tuple[Promise, tuple[Kind, ...]], ...]] = (
    (cast("Promise", _("Cases that you take part in")), _TALK),
    (cast("Promise", _("Your own cases")), _MINE),
    (cast("Promise", _("What you may want to read")), _FOUND),
    (cast("Promise", _("Moderators")), _WORK),
    (cast("Promise", _("Everything else")), _SITE),
)
RHYTHMS: Final = ((Rhythm.DAILY, _("Every day")), (Rhythm.WEEKLY, _("Once a week")), (Rhythm.NEVER, _("Never")))
_HOURS: Final = [(hour, f"{hour:02d}:00") for hour in range(24)]


def kinds_for(member: Member) -> frozenset[Kind]:
    """Return the kinds of notices that this member can get."""
    if not member.may_see_cases:
        return frozenset({Kind.REPORT, Kind.MEMBERSHIP} if member.is_officer else {Kind.MEMBERSHIP})
    kinds = set(Kind)
    if not member.may_moderate:
        kinds -= set(_WORK)
    if not rights(member).diagnose:  # who reads only is asked for nothing
        kinds -= {*_MINE, *_TALK, Kind.WAITING, Kind.URGENT}
        kinds |= {Kind.OUTCOME}
    return frozenset(kinds)


@dataclass(frozen=True)
class Section:
    """Choices that the page shows under one heading."""

    title: Promise
    fields: list[BoundField]


class PreferenceForm(forms.Form):
    """A choice for each kind of notice, the digest's time, quiet hours and the time zone."""

    rhythm = forms.ChoiceField(label=_("Digest"), choices=RHYTHMS, help_text=_("It comes only if there is something."))
    weekday = forms.TypedChoiceField(
        label=_("Day of a weekly digest"), coerce=int, choices=lambda: list(dates.WEEKDAYS.items())
    )
    digest_hour = forms.TypedChoiceField(label=_("Hour of the digest"), coerce=int, choices=_HOURS)
    quiet_from = forms.TypedChoiceField(
        label=_("No mails at once from"),
        coerce=int,
        choices=_HOURS,
        help_text=_("They wait until the end of the quiet hours. The same hour twice: no quiet hours."),
    )
    quiet_until = forms.TypedChoiceField(label=_("until"), coerce=int, choices=_HOURS)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=lambda: [(name, name) for name in times.zones()])

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        self.member = member
        preference = preferences.preference_of(member)
        kwargs["initial"] = {
            **{name: getattr(preference, name) for name in _PLAIN},
            "time_zone": str(preferences.zone_of(member, preference)),
            **{kind.value: preference.channel_of(kind) for kind in Kind},
        }
        super().__init__(*args, **kwargs)
        self._kinds = kinds_for(member)
        for kind in Kind:
            if kind in self._kinds:
                self.fields[kind.value] = forms.ChoiceField(
                    label=kind.label,
                    choices=[(channel.value, channel.label) for channel in channels_of(kind)],
                    help_text=_("A mail comes in any case.") if Channel.AT_ONCE not in channels_of(kind) else "",
                )

    @property
    def sections(self) -> list[Section]:
        """The choices for each kind, under headings; without those that this member never gets."""
        found = [Section(title, [self[kind.value] for kind in kinds if kind in self._kinds]) for title, kinds in GROUPS]
        return [section for section in found if section.fields]

    def save(self) -> Preference:
        """Save what was chosen."""
        cleaned: Mapping[str, Any] = self.cleaned_data
        return preferences.choose(
            member=self.member,
            chosen={kind.value: cleaned[kind.value] for kind in self._kinds},
            time_zone=cleaned["time_zone"],
            **{name: cleaned[name] for name in _PLAIN},
        )


_PLAIN: Final = ("rhythm", "weekday", "digest_hour", "quiet_from", "quiet_until")
