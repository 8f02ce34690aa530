"""The texts that patients sign: versioned, hashed, never changed once published."""

import hashlib

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import new_id


class Form(models.Model):
    """One version of a consent text in one language. Immutable once published."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.SlugField(max_length=40)
    version = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default="en")
    title = models.CharField(max_length=120)
    text = models.TextField(help_text=_("Plain paragraphs; lines that begin with “- ” are statements."))
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    published_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "version", "language"], name="consent_form_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version} {self.language}"

    def save(self, *args: object, **kwargs: object) -> None:
        """Hash the text on the first save; refuse a change of the text afterwards."""
        digest = digest_of(title=self.title, text=self.text)
        if self.sha256 and self.sha256 != digest:
            raise ValueError("A published consent form cannot be changed. Publish a new version.")
        self.sha256 = digest
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def paragraphs(self) -> list[str]:
        """The running text, a paragraph each, without the statements."""
        return [p for p in self.text.split("\n\n") if p.strip() and not p.startswith("- ")]

    @property
    def statements(self) -> list[str]:
        """What the patient must have been told, one sentence each."""
        return [line[2:] for line in self.text.splitlines() if line.startswith("- ")]


def digest_of(*, title: str, text: str) -> str:
    """SHA-256 (hex) over the full text of a form."""
    return hashlib.sha256(f"{title}\n\n{text}".encode()).hexdigest()
