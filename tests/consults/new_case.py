"""Helpers that read a new case's pages as its author."""

import re

from django.test import Client
from django.urls import reverse

from tests.imaging.engine import pictures

JPEG = pictures.encoded(pictures.chart(800, 600), "JPEG")
CODE = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){6}\b")


def page(client: Client, view: str, *args: object, status: int = 200) -> str:
    """Return the HTML of a page."""
    answer = client.get(reverse(f"consults:{view}", args=args))
    assert answer.status_code == status
    return answer.content.decode()


def notes(client: Client) -> str:
    """Return the next page, which shows the notices."""
    return client.get(reverse("consults:mine")).content.decode()
