"""Findings of the text screening, as sentences for the author. A sentence repeats nothing that was found."""

from collections.abc import Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from screening.identifiers import Finding, Kind

_SENTENCES: Final[dict[Kind, str | Promise]] = {
    Kind.EMAIL: _("There is an e-mail address. Remove it."),
    Kind.LINK: _("There is a link that may lead to the patient. Remove it, or link to the publication."),
    Kind.HANDLE: _("There is an account name. Remove it."),
    Kind.PHONE: _("There is something like a phone number. Remove it."),
    Kind.DATE: _("There is a date. Write relative time instead, such as “day 3” or “two weeks later”."),
    Kind.NUMBER: _("There is something like a record, specimen or identity number. Remove it."),
    Kind.NAME: _("There is something like a person's name. Write “the patient” or “a colleague” instead."),
    Kind.INITIALS: _("There are initials. Write “the patient” instead."),
    Kind.AGE: _("There is an exact age. The age band is enough; leave the age out of the text."),
    Kind.ADDRESS: _("There is something like an address or postcode. Remove it; the region is enough."),
    Kind.RELATION: _("The patient seems to be someone you know privately. Leave the relation out."),
}


def sentence(finding: Finding) -> str:
    """Return a sentence that says what was found and what to write instead."""
    return str(_SENTENCES[finding.kind])


def sentences(findings: Iterable[Finding]) -> list[str]:
    """Return the sentences of these findings without repetition, in the order of the text."""
    return list(dict.fromkeys(sentence(finding) for finding in findings))
