"""What members follow, and what they search for again and again."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.ids


class Migration(migrations.Migration):
    dependencies = [
        ("consults", "0017_finding"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Following",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                (
                    "topic",
                    models.CharField(
                        blank=True, help_text="A code of vocabulary.tags.topics_to_follow.", max_length=40
                    ),
                ),
                ("since", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("query", models.CharField(help_text="The query string, without its question mark.", max_length=600)),
                ("tells", models.BooleanField(default=True, verbose_name="tell me of new cases")),
                ("saved_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name="SearchKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60)),
            ],
        ),
        migrations.AddField(
            model_name="following",
            name="case",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="followings", to="consults.case"
            ),
        ),
        migrations.AddField(
            model_name="following",
            name="group",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="followings", to="consults.group"
            ),
        ),
        migrations.AddField(
            model_name="following",
            name="member",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="followings",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="savedsearch",
            name="member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="saved_searches", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="searchkey",
            name="search",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="keys", to="consults.savedsearch"
            ),
        ),
        migrations.AddIndex(
            model_name="following",
            index=models.Index(fields=["member", "-since", "id"], name="consults_following_newest"),
        ),
        migrations.AddIndex(
            model_name="following",
            index=models.Index(
                condition=models.Q(("topic", ""), _negated=True),
                fields=["topic", "member"],
                name="consults_following_by_topic",
            ),
        ),
        migrations.AddConstraint(
            model_name="following",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("case__isnull", False), ("group__isnull", True), ("topic", "")),
                    models.Q(("case__isnull", True), ("group__isnull", False), ("topic", "")),
                    models.Q(("case__isnull", True), ("group__isnull", True), models.Q(("topic", ""), _negated=True)),
                    _connector="OR",
                ),
                name="consults_following_of_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="following",
            constraint=models.UniqueConstraint(
                condition=models.Q(("case__isnull", False)),
                fields=("member", "case"),
                name="consults_following_case_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="following",
            constraint=models.UniqueConstraint(
                condition=models.Q(("group__isnull", False)),
                fields=("member", "group"),
                name="consults_following_group_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="following",
            constraint=models.UniqueConstraint(
                condition=models.Q(("topic", ""), _negated=True),
                fields=("member", "topic"),
                name="consults_following_topic",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedsearch",
            constraint=models.UniqueConstraint(fields=("member", "query"), name="consults_savedsearch_once"),
        ),
        migrations.AddIndex(
            model_name="searchkey",
            index=models.Index(fields=["key", "search"], name="consults_searchkey_key"),
        ),
        migrations.AddConstraint(
            model_name="searchkey",
            constraint=models.UniqueConstraint(fields=("search", "key"), name="consults_searchkey_once"),
        ),
    ]
