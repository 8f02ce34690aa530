"""Uses of a consent as text, for receipts and pages."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consent import hooks
from consent.models import REDACTED, Consent, ConsentUse, Use

_MEANINGS = {
    Use.RESEARCH: gettext_lazy("doctors or scientists study the pictures to learn more about diseases"),
    Use.AI_TRAINING: gettext_lazy("a computer program learns from the pictures; it cannot unlearn them"),
    Use.CROSS_BORDER: gettext_lazy("members who live in another country can see the pictures too"),
    Use.CONTACT_AGAIN: gettext_lazy("the clinic may ask once more, for example for another use"),
}


def use_in_words(use: Use, *, publication: str = "", group: str = "") -> str:
    """Return a use as text, with the name of the group or the publication if there is one."""
    if use == Use.NAMED_GROUP and group:
        return _("Discussion in the group “%(group)s”") % {"group": group}
    if use == Use.PUBLICATION and publication not in ("", REDACTED):
        return _("One named publication: “%(name)s”") % {"name": publication}
    return str(use.label)


def use_explained(use: Use, words: str) -> str:
    """Return a use as text for whoever decides, with what it means where its name alone does not say it."""
    meaning = _MEANINGS.get(use)
    return f"{words}: {meaning}" if meaning else words


def allowed_use_in_words(row: ConsentUse, *, with_group: bool = True) -> str:
    """Return one ticked use as text, with the name of the group or of the publication.

    `with_group` is for the patient, the clinician and the group; whoever looks over the records need not know its name.
    """
    group = hooks.group_name(row.scope) if with_group else ""
    return use_in_words(Use(row.use), publication=row.publication, group=group)


def allowed_in_words(consent: Consent, *, with_group: bool = True) -> list[str]:
    """Return every ticked use as text, in the order of the form."""
    return [allowed_use_in_words(row, with_group=with_group) for row in consent.allowed]
