"""Figures of a quarter, as members read them."""

from typing import ClassVar

from django.db import models
from django.utils import timezone


class Quarter(models.Model):
    """The figures of one quarter. Those below five are not kept at all, so that nobody is told by a small number."""

    first_day = models.DateField(primary_key=True)
    figures = models.JSONField(help_text="Name of a figure -> number; null for one below five.")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-first_day"]

    def __str__(self) -> str:
        return f"quarter from {self.first_day}"
