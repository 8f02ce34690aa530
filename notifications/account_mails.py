"""Job handlers that send the mails about a member's own account: sign-in, password, address, data, leaving."""

import uuid

from django.urls import reverse

from accounts.models import AddressChange, Change, Member, SecurityNotice
from accounts.security import address
from accounts.security.changes import TELL
from accounts.security.mail_limits import once_in_a_while
from core import jobs
from notifications import mail

# Where the mail leads; to a new password, where somebody else may have made the change.
_LEADS_TO = {
    Change.EXPORT_READY: "accounts:my_data",
    Change.LEAVING: "accounts:leave",
    Change.LEAVING_SOON: "accounts:leave",
    Change.LEAVING_STOPPED: "accounts:me",
    Change.LEFT: "home",
    Change.SUPERVISOR_LEFT: "accounts:me",
}
_ORDINARY = frozenset({Change.EXPORT_READY, Change.LEAVING_SOON, Change.LEFT, Change.SUPERVISOR_LEFT})


@jobs.handles(TELL, urgency=jobs.Urgency.MAIL)
def mail_change(subject: uuid.UUID) -> None:
    """Tell a member that their account was changed, and when and from where; then forget that it was said."""
    notice = SecurityNotice.objects.select_related("member").filter(pk=subject).first()
    if notice is None:
        return
    what = Change(notice.what)
    facts = {"sentence": what.label, "at": notice.at, "device": notice.device, "network": notice.network}
    mail.send(
        mail.Notice(
            "told" if what in _ORDINARY else "changed",
            notice.to or notice.member.email,
            reverse(_LEADS_TO.get(what, "account_reset_password")),
            language=notice.language,
            facts=facts,
        )
    )
    notice.delete()


@jobs.handles(address.ASK_OLD, urgency=jobs.Urgency.MAIL)
def mail_old_address(subject: uuid.UUID) -> None:
    """Ask the present address whether it may be changed."""
    change = AddressChange.objects.select_related("member").filter(pk=subject).first()
    if change is not None:
        mail.send(mail.Notice("address_old", change.member.email, address.link(change, address.Side.OLD)))


@jobs.handles(address.ASK_NEW, urgency=jobs.Urgency.MAIL)
def mail_new_address(subject: uuid.UUID) -> None:
    """Ask the new address whether it is the member's; tell it instead that it has an account, when it has one."""
    change = AddressChange.objects.select_related("member").filter(pk=subject).first()
    if change is None:
        return
    is_known = Member.objects.filter(email=change.email).exists()
    with once_in_a_while("address", change.email) as may_send:
        if not may_send:
            return
        if is_known:
            mail.send(mail.Notice("address_known", change.email, reverse("account_login")))
        else:
            path = address.link(change, address.Side.NEW)
            mail.send(mail.Notice("address_new", change.email, path, language=change.member.language))
