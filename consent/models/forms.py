"""The texts that patients sign: versioned, in every language of the site, hashed, never changed once published.

A form is one row for each language; the rows of one code and version say the same thing and are published and
retired together. Database triggers protect the published text (see `consent.forms.triggers`).
"""

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import new_id


class FormState(models.TextChoices):
    """The state of a form; not stored, derived from its two dates."""

    DRAFT = "draft", _("Draft")
    IN_USE = "in_use", _("In use")
    RETIRED = "retired", _("Retired")


class Form(models.Model):
    """One version of a consent text in one language. Immutable once published."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(max_length=40)
    version = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default="en")
    title = models.CharField(max_length=120)
    text = models.TextField(help_text=_("Plain paragraphs; lines that begin with “- ” are statements."))
    sha256 = models.CharField(max_length=64, editable=False)
    published_at = models.DateTimeField(default=timezone.now, null=True, blank=True, help_text=_("Empty: a draft."))
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version", "language"], name="consent_form_version_once"),
            # Published texts only: a draft begins as a copy of the version before.
            models.UniqueConstraint(
                fields=["sha256"], condition=Q(published_at__isnull=False), name="consent_form_published_once"
            ),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True) | Q(published_at__isnull=False),
                name="consent_form_retired_was_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version} {self.language}"

    def save(self, *args: object, **kwargs: object) -> None:
        """Hash the text; refuse to change it once it is published."""
        digest = digest_of(title=self.title, text=self.text)
        if self.published_at is not None and self.sha256 and self.sha256 != digest:
            raise ValueError("A published consent form cannot be changed. Publish a new version.")
        self.sha256 = digest
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def state(self) -> FormState:
        """Return draft, in use or retired."""
        if self.published_at is None:
            return FormState.DRAFT
        return FormState.IN_USE if self.retired_at is None else FormState.RETIRED

    @property
    def paragraphs(self) -> list[str]:
        """Return the paragraphs of the running text, without the statements."""
        return [p for p in self.text.split("\n\n") if p.strip() and not p.startswith("- ")]

    @property
    def statements(self) -> list[str]:
        """Return the statements that the patient must be told, one sentence each."""
        return [line[2:] for line in self.text.splitlines() if line.startswith("- ")]


def digest_of(*, title: str, text: str) -> str:
    """Return the SHA-256 (hex) of the full text of a form."""
    return hashlib.sha256(f"{title}\n\n{text}".encode()).hexdigest()
