"""The erasure of a member: as if the row were deleted, but for what colleagues and patients hold on to.

What would go with the row, by CASCADE, goes. What protects it stays, without a name: answers and comments under
others' cases, consents, second reads, votes about others, the log. The row itself is blanked, field by field; a new
field of a member is blanked unless it is named here.
"""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from django.contrib.auth.hashers import make_password
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.leaving import exports, naming, own_data
from accounts.leaving.models import DataExport
from accounts.leaving.rooms import Wishes
from accounts.membership.erasure import release_residents
from accounts.membership.models import ERASED, Member
from accounts.profiles import portraits
from accounts.security.factors import service as factors
from accounts.security.models import Change, SecurityNotice
from accounts.vetting import evidence, joining
from accounts.vetting.models import EvidencePicture, Reference

# Fields of a member that stay: the id that others' threads and the log name, what the words were worth when they were
# said, and that the account is erased.
KEPT: Final = frozenset({"id", "standing", "profession", "created_at"})


class OwnRoom:
    """This app's part: the profile, applications with their evidence, sessions, the member's own lines of the log."""

    def export(self, member: Member) -> Mapping[str, Any]:
        """Return what this app holds of the member. Implements `rooms.Room`."""
        return own_data.files_of(member)

    def erase(self, member: Member, wishes: Wishes) -> None:
        """Destroy evidence, copies, portrait and factors, delete what hangs on the row, and blank the row.

        Implements `rooms.Room`.
        """
        for picture in EvidencePicture.objects.filter(application__member=member):
            evidence.destroy_bytes(picture.pk)
        portraits.remove(member_id=member.pk)
        for pk in DataExport.objects.filter(member=member).values_list("pk", flat=True):
            exports.destroy(pk)
        joining.discard(member.email)
        factors.remove_all(member=member, by=None, tells=False)  # told that they have left
        naming.take_off_here(names_of(member))
        with transaction.atomic():
            Reference.objects.filter(email=member.email).update(email="")
            release_residents(member.pk)
            for rows in _hanging_on(member):
                rows.delete()
            Member.objects.filter(pk=member.pk).update(**_blank(member.pk))


def _hanging_on(member: Member) -> list[models.QuerySet[Any]]:
    """Return the rows that would be deleted with the member's."""
    found = []
    for relation in Member._meta.get_fields(include_hidden=True):  # hidden: those without a name on the member
        if isinstance(relation, models.ForeignObjectRel) and relation.on_delete is models.CASCADE:
            rows = relation.related_model._base_manager.filter(**{relation.field.name: member})
            if relation.related_model is SecurityNotice:  # the last mail waits for its job, an hour at most
                rows = rows.exclude(what=Change.LEFT, at__gt=timezone.now() - timedelta(hours=1))
            found.append(rows)
    return found


def _blank(pk: uuid.UUID) -> dict[str, Any]:
    """Return every field of a member that does not stay, with nothing in it."""
    blank = {field.attname: field.get_default() for field in Member._meta.concrete_fields if field.name not in KEPT}
    return blank | {"email": f"{pk.hex}{ERASED}", "password": make_password(None)}


def names_of(member: Member) -> list[str]:
    """Return what others may have written of the member: full name and address; nothing once they are blanked."""
    row = Member.objects.filter(~Q(email__endswith=ERASED), pk=member.pk).values_list("name", "email").first()
    return [word for word in row or () if word]


OWN_ROOM: Final = OwnRoom()
