"""manage.py appoint: the first administrator, moderators, officer and members of a site."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.appointments import service
from accounts.appointments.models import Office
from accounts.exceptions import VettingError
from accounts.membership.models import Profession


class Command(BaseCommand):
    """Appoint somebody to an office, or dismiss them; make the account of a founder."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address, the office, and what an account needs."""
        parser.add_argument("email", help="with which they sign in")
        parser.add_argument("office", choices=[*Office.values, "member"], help="member: no office, for founders")
        parser.add_argument("--dismiss", action="store_true", help="they leave the office")
        parser.add_argument("--name", default="", help="makes the account if the address is unknown")
        parser.add_argument("--profession", default="", choices=["", *Profession.values])
        parser.add_argument("--institution", default="")
        parser.add_argument("--country", default="", help="two letters, as DE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Appoint. Raises CommandError with the next step."""
        office = "" if options["office"] == "member" else options["office"]
        try:
            member = service.appoint_by_command(
                email=options["email"],
                office=office,
                takes=not options["dismiss"],
                name=options["name"],
                profession=options["profession"],
                institution=options["institution"],
                country=options["country"],
            )
        except VettingError as error:
            raise CommandError(error.sentence) from error
        done = "dismissed as" if options["dismiss"] else "appointed:"
        self.stdout.write(f"{member.pk} {done} {options['office']}")
        if not member.has_usable_password():
            self.stdout.write("A link to choose a password is on its way to the address.")
