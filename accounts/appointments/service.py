"""Appointments: proposed by one administrator, confirmed by another where there are two.

Threat: one administrator, or somebody with their session, makes friends moderators and lets anybody in. The command
`manage.py appoint` is for whoever runs the machine, and for the first person of each office.
"""

from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.appointments import terms
from accounts.appointments.models import FIELDS, Appointment, AppointmentState, Office
from accounts.appointments.states import APPOINTMENT
from accounts.exceptions import NotYet, NotYours
from accounts.membership.lifecycle import standing_changed
from accounts.membership.models import RENEWAL_DAYS, Member, Profession, Standing, normalise_email
from accounts.membership.states import STANDING, VERIFIABLE, Moved
from accounts.security import sessions
from accounts.security.resetting import ask_for_link
from audit.record import record
from core import permissions
from core.deadlines import add_months

COMMAND: Final = "command"


def holds(member: Member, office: str) -> bool:
    """Whether this member holds the office."""
    return bool(getattr(member, FIELDS[Office(office)]))


@transaction.atomic
def propose(*, member: Member, office: str, takes: bool, by: Member, renews: bool = False) -> Appointment:
    """Propose an appointment, a renewal or a dismissal; in force at once while there is no second administrator.

    Raises NotYours, NotYet.
    """
    # Locked in one order, so that two at once see one another.
    known = list(Member.objects.select_for_update(no_key=True).filter(is_staff=True).order_by("pk"))
    if not any(row.pk == by.pk and row.is_verified for row in known):
        raise NotYours(_("Only an administrator appoints."))
    row = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
    _check(row, office=office, takes=takes, renews=renews)
    # A suspended administrator counts: else one suspends the other and appoints alone. The command is the way out.
    others = [one for one in known if one.pk != by.pk and (one.is_verified or one.standing == Standing.SUSPENDED)]
    try:
        with transaction.atomic():
            made = Appointment.objects.create(
                member=row, office=office, takes=takes, renews=renews, proposed_by=by, alone=not others
            )
    except IntegrityError as error:
        raise NotYet(_("This waits for a second administrator already.")) from error
    if not others:
        APPOINTMENT.move(made, to=AppointmentState.DONE, decided_at=timezone.now())
        _apply(row, office=office, takes=takes, renews=renews)
    record(
        verb="appointment.proposed",
        actor=by,
        subject=("member", row.pk),
        office=str(office),
        takes=takes,
        renews=renews,
        alone=not others,
    )
    return made


@transaction.atomic
def decide(*, appointment: Appointment, by: Member, confirm: bool) -> None:
    """Confirm or refuse what another administrator proposed; its proposer can take it back. Raises NotYours, NotYet."""
    action = "appointment.confirm" if confirm else "appointment.refuse"
    row = Member.objects.select_for_update(no_key=True).get(pk=appointment.member_id)
    if not permissions.allows(by, action, appointment):
        raise NotYours(_("Another administrator confirms this, or it is decided already."))
    office, takes, renews = appointment.office, appointment.takes, appointment.renews
    if confirm:
        _check(row, office=office, takes=takes, renews=renews)
    to = AppointmentState.DONE if confirm else AppointmentState.REFUSED
    APPOINTMENT.move(appointment, to=to, decided_by=by, decided_at=timezone.now())
    if confirm:
        _apply(row, office=office, takes=takes, renews=renews)
    record(
        verb="appointment.decided",
        actor=by,
        subject=("member", row.pk),
        office=office,
        takes=takes,
        renews=renews,
        confirmed=confirm,
    )


@transaction.atomic
def appoint_by_command(
    *,
    email: str,
    office: str = "",
    takes: bool = True,
    name: str = "",
    profession: str = "",
    institution: str = "",
    country: str = "",
) -> Member:
    """Appoint at once, for whoever runs the machine; make the account of a founder when the address is unknown.

    Again for an office that they hold: another year of membership, and another term where one ends soon. Nobody gets a
    password: the mail holds a link behind which its owner chooses one. Without an office the founder is
    a member. Raises NotYet.
    """
    email = normalise_email(email)
    row: Member | None = Member.objects.select_for_update(no_key=True).filter(email=email).first()
    if row is None:
        if not takes or not name:
            raise NotYet(_("There is no account with this address. Give --name to make one."))
        if not profession and office not in (Office.ADMINISTRATOR, Office.OFFICER):
            raise NotYet(_("Give --profession: %(known)s.") % {"known": ", ".join(Profession.values)})
        row = Member.objects.create_user(
            email,
            None,
            name=name,
            profession=profession,
            institution=institution,
            country=country,
            is_staff=office == Office.ADMINISTRATOR,
            is_privacy_officer=office == Office.OFFICER,
        )
        _verify(row)
        ask_for_link(email=email)
        record(verb="member.founded", actor=None, subject=("member", row.pk), via=COMMAND)
    if not office:
        return row
    if holds(row, office) and takes:  # officers without a profession are renewed here, because nobody vets them
        _verify(row)
        if terms.may_renew(row, office):
            terms.renew(member=row, office=office)
    else:
        _check(row, office=office, takes=takes)
        _apply(row, office=office, takes=takes)
    record(
        verb="appointment.commanded",
        actor=None,
        subject=("member", row.pk),
        office=str(office),
        takes=takes,
        via=COMMAND,
    )
    return row


def _verify(row: Member) -> None:
    until = add_months(timezone.localdate(), int(settings.RULES["membership_months"]))
    try:
        STANDING.move(row, start=VERIFIABLE, to=Standing.VERIFIED, verified_until=until)
    except Moved as moved:
        raise NotYet(_("This person is suspended. Another moderator or administrator lifts that first.")) from moved
    standing_changed.send(sender=Member, member_id=row.pk)


def _check(row: Member, *, office: str, takes: bool, renews: bool = False) -> None:
    """Raise NotYet with the next step when this person cannot take, keep or leave the office."""
    if not takes:
        _check_leaving(row, office)
        return
    if renews:
        _check_renewal(row, office)
    elif holds(row, office):
        raise NotYet(_("This person holds the office already."))
    if not row.is_verified:
        raise NotYet(_("Only verified members can be appointed. They apply first, and moderators vet them."))
    if office == Office.TRUSTED and (row.is_officer or row.is_moderator or not row.profession):
        raise NotYet(_("A trusted person is a member without any other office. Choose somebody else."))
    if office != Office.TRUSTED and row.is_trusted_person:
        raise NotYet(_("This is a trusted person, who holds no other office. Dismiss them as that first."))
    if office == Office.MODERATOR and (row.is_officer or not row.profession):
        raise NotYet(_("Moderators see cases, so administrators and privacy officers cannot be moderators."))
    if office != Office.MODERATOR and row.is_moderator:
        raise NotYet(_("Moderators see cases. Dismiss this person as a moderator first."))


def _check_leaving(row: Member, office: str) -> None:
    if not holds(row, office):
        raise NotYet(_("This person does not hold the office."))
    left = Member.objects.verified().filter(is_staff=True).exclude(pk=row.pk)
    if office == Office.ADMINISTRATOR and not left.exists():
        raise NotYet(_("This is the last administrator. Appoint another one first."))


def _check_renewal(row: Member, office: str) -> None:
    if not holds(row, office):
        raise NotYet(_("This person does not hold the office."))
    if not terms.may_renew(row, office):
        sentence = _("An office is renewed in the last %(days)d days of its term.") % {"days": RENEWAL_DAYS}
        raise NotYet(sentence)


def _apply(row: Member, *, office: str, takes: bool, renews: bool = False) -> None:
    """Write the office and its term, and end the person's sessions, which were opened with other rights."""
    if renews:
        terms.renew(member=row, office=office)
        return
    if not takes:
        terms.lay_down(member=row, office=office)
        return
    setattr(row, FIELDS[Office(office)], True)
    row.save(update_fields=[FIELDS[Office(office)]])
    terms.begin(member=row, office=office)
    sessions.end_all(row.pk)
