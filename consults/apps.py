"""App configuration."""

from django.apps import AppConfig


class ConsultsConfig(AppConfig):
    """Cases, the gate in front of them, discussion and withdrawal."""

    name = "consults"

    def ready(self) -> None:
        """Register with consent and accounts what they call; core finds the job handlers."""
        from accounts.appointments import missing
        from accounts.membership.lifecycle import standing_changed
        from consults.cases.gate import listing
        from consults.moderation.missing import notes
        from consults.withdrawal import hide  # noqa: F401 - registers by import

        standing_changed.connect(listing.follow_author)
        missing.ask(notes)
