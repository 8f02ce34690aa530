"""App configuration."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """Consent forms, records and withdrawal."""

    name = "consent"

    def ready(self) -> None:
        """Say which part of a member's data is here."""
        from accounts.leaving import rooms
        from consent.member_data import ROOM

        rooms.add("consent", ROOM)
