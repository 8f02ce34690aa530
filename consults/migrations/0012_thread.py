"""Whom comments address, what they quote, reactions, and whose material a comment or case holds."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("consults", "0011_listing_words"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="not_mine",
            field=models.BooleanField(default=False, verbose_name="this material is not mine"),
        ),
        migrations.AddField(
            model_name="comment",
            name="source",
            field=models.CharField(
                blank=True,
                default="",
                help_text="Whose material it is, if not its author's.",
                max_length=200,
                verbose_name="source",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="comment", name="quote_start", field=models.PositiveSmallIntegerField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="comment", name="quote_end", field=models.PositiveSmallIntegerField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="comment", name="quote_sum", field=models.BigIntegerField(blank=True, null=True)
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                name="consults_comment_quote_is_a_place",
                condition=Q(quote_start__isnull=True, quote_end__isnull=True, quote_sum__isnull=True)
                | Q(
                    quote_start__isnull=False,
                    quote_end__gt=F("quote_start"),
                    quote_end__isnull=False,
                    quote_sum__isnull=False,
                ),
            ),
        ),
        migrations.CreateModel(
            name="Mention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "written",
                    models.CharField(help_text="As it stands in the text, after the sign.", max_length=200),
                ),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("dermatologist", "dermatologists"),
                            ("dermatopathologist", "dermatopathologists"),
                            ("resident", "residents"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mentions", to="consults.comment"
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mentions",
                        to="consults.group",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mentions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("comment", "written"), name="consults_mention_once"),
                    models.CheckConstraint(
                        name="consults_mention_is_of_one",
                        condition=Q(member__isnull=False, group__isnull=True, role="")
                        | Q(member__isnull=True, group__isnull=False, role="")
                        | (Q(member__isnull=True, group__isnull=True) & ~Q(role="")),
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoleListener",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="listens_to_role",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="Reaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("agree", "Agree"), ("helpful", "Helpful")], max_length=8),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "comment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reactions",
                        to="consults.comment",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reactions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("comment", "member"), name="consults_reaction_once"),
                    models.CheckConstraint(
                        name="consults_reaction_is_known", condition=Q(kind__in=["agree", "helpful"])
                    ),
                ],
            },
        ),
    ]
