"""Models of following and of saved searches. Only the member knows of either; neither opens anything to anybody."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consults.cases.models import Case
from consults.groups.models import Group
from core.ids import new_id
from vocabulary import diagnoses

LONGEST_QUERY: Final = 600  # characters of a saved search, as it stands in an address
LONGEST_KEY: Final = 60


class Following(models.Model):
    """That a member follows a case, a group or a topic. Members are followed in `accounts.profiles`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="followings", db_index=False
    )
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="followings")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="followings")
    topic = models.CharField(
        max_length=diagnoses.MAX_CODE_LENGTH, blank=True, help_text=_("A code of vocabulary.tags.topics_to_follow.")
    )
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="consults_following_of_one_thing",
                condition=Q(case__isnull=False, group__isnull=True, topic="")
                | Q(case__isnull=True, group__isnull=False, topic="")
                | (Q(case__isnull=True, group__isnull=True) & ~Q(topic="")),
            ),
            models.UniqueConstraint(
                fields=["member", "case"], condition=Q(case__isnull=False), name="consults_following_case_once"
            ),
            models.UniqueConstraint(
                fields=["member", "group"], condition=Q(group__isnull=False), name="consults_following_group_once"
            ),
            models.UniqueConstraint(
                fields=["member", "topic"], condition=~Q(topic=""), name="consults_following_topic"
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-since", "id"], name="consults_following_newest"),
            models.Index(fields=["topic", "member"], condition=~Q(topic=""), name="consults_following_by_topic"),
        ]

    def __str__(self) -> str:
        return f"following {self.pk}"


class SavedSearch(models.Model):
    """Words, filters and order of the cases page that a member keeps, perhaps to be told of new cases that match."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches")
    query = models.CharField(max_length=LONGEST_QUERY, help_text=_("The query string, without its question mark."))
    tells = models.BooleanField(_("tell me of new cases"), default=True)
    saved_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "query"], name="consults_savedsearch_once")]

    def __str__(self) -> str:
        return f"saved search {self.pk}"


class SearchKey(models.Model):
    """A value that every case which a saved search may find has: the inverted index over saved searches.

    Of several keys of a search a case has at least one.
    """

    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="keys")
    key = models.CharField(max_length=LONGEST_KEY)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["search", "key"], name="consults_searchkey_once")]
        indexes = [models.Index(fields=["key", "search"], name="consults_searchkey_key")]

    def __str__(self) -> str:
        return f"key {self.pk} of saved search {self.search_id}"
