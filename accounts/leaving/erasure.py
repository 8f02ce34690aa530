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

from accounts.leaving import exports
from accounts.leaving.models import DataExport
from accounts.leaving.rooms import Wishes
from accounts.membership.models import ERASED, Member
from accounts.security.changes import tell_of_change
from accounts.security.models import Change, SecurityNotice
from accounts.vetting import evidence, joining
from accounts.vetting.models import EvidencePicture, Reference
from audit.models import Event, PictureServed

# Fields of a member that stay: the id that others' threads and the log name, what the words were worth when they were
# said, and that the account is erased.
KEPT: Final = frozenset({"id", "standing", "profession", "created_at"})


class OwnRoom:
    """This app's part: the profile, applications with their evidence, sessions, the member's own lines of the log."""

    def export(self, member: Member) -> Mapping[str, Any]:
        """Return profile, sessions, applications and own log lines. Implements `rooms.Room`."""
        return {
            "profile": _profile(member),
            "sessions": list(
                member.sessions.order_by("began_at").values("device", "network", "began_at", "expire_date")
            ),
            "applications": list(member.applications.order_by("created_at").values(*_OF_APPLICATION)),
            "log": {
                "my_actions": list(
                    Event.objects.filter(actor_id=member.pk)
                    .order_by("at", "seq")
                    .values("at", "verb", "subject_type", "subject_id", "facts")
                ),
                "pictures_looked_at": PictureServed.objects.filter(member_id=member.pk).count(),
            },
        }

    def erase(self, member: Member, wishes: Wishes) -> None:
        """Destroy evidence and copies, delete what hangs on the row, and blank the row. Implements `rooms.Room`."""
        for picture in EvidencePicture.objects.filter(application__member=member):
            evidence.destroy_bytes(picture.pk)
        for pk in DataExport.objects.filter(member=member).values_list("pk", flat=True):
            exports.destroy(pk)
        joining.discard(member.email)
        with transaction.atomic():
            Reference.objects.filter(email=member.email).update(email="")
            for resident in Member.objects.filter(supervisor=member):
                Member.objects.filter(pk=resident.pk).update(supervisor=None)
                tell_of_change(resident, Change.SUPERVISOR_LEFT)
            for rows in _hanging_on(member):
                rows.delete()
            Member.objects.filter(pk=member.pk).update(**_blank(member.pk))


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
_NOT_EXPORTED: Final = frozenset({"password"})


def _profile(member: Member) -> dict[str, Any]:
    """Return every field of the member's row but the password; of a supervisor the id, no name."""
    fields = (field for field in Member._meta.concrete_fields if field.name not in _NOT_EXPORTED)
    return {field.attname: field.value_to_string(member) for field in fields}


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
