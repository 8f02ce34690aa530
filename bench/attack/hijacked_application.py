"""An application in a real doctor's name, with the impostor's password: nothing of it lets the impostor in."""

import re

from bench.attack import Finding
from bench.attack.site import Site, Visitor

DOCTOR = "nova@lake.example"
THEIRS, MINE = "seven impostors in a paper boat", "marble otter seventeen lantern"
CLAIM = {
    "name": "Dr Nova",
    "country": "TR",
    "profession": "dermatologist",
    "institution": "Lake Hospital",
    "registry_name": "Medical Chamber",
    "registry_url": "https://register.example.org/",
    "registry_number": "TR-4711",
    "evidence_kind": "email",
    "guidelines": "on",
}
ACCEPT = """
from django.utils import timezone
from accounts.models import Application, Member
from accounts.vetting import decisions
for name in ("mod1", "mod2"):
    decisions.vote(
        application=Application.objects.get(),
        by=Member.objects.get(email=f"{name}@hospital.example"),
        accept=True,
        reason="matches",
        looked_up_on=timezone.localdate(),
    )
"""


def attack(site: Site) -> list[Finding]:
    """Apply as the doctor, let the doctor confirm and two moderators accept, then try to be the doctor."""
    impostor = site.visitor(source="127.0.0.9")
    page = impostor.get("/join/")
    impostor.post("/join/", page, email=DOCTOR, password=THEIRS, **CLAIM)
    early = gets_in(impostor, THEIRS)
    site.until(lambda: link(site), seconds=30)
    doctor = site.visitor(source="127.0.0.10")
    path = link(site)
    doctor.post(path, doctor.get(path), password=MINE)
    site.shell(ACCEPT)
    impostor_in = gets_in(impostor, THEIRS) or impostor.get("/cases/").path == "/cases/"
    doctor_in = gets_in(doctor, MINE)
    again = impostor.get(path).status
    return [
        Finding("hijacked_application: in before the link", yes(early), "no", not early),
        Finding("hijacked_application: in after vetting", yes(impostor_in), "no", not impostor_in),
        Finding("hijacked_application: the link, used again", str(again), "404", again == 404),
        Finding("hijacked_application: the doctor gets in", yes(doctor_in), "yes, or nothing is proved", doctor_in),
    ]


def gets_in(visitor: Visitor, password: str) -> bool:
    """Whether this address and password sign in."""
    page = visitor.get("/sign-in/")
    return visitor.post("/sign-in/", page, login=DOCTOR, password=password).path != "/sign-in/"


def link(site: Site) -> str:
    """Return the path of the link in the newest mail to the doctor; "" before it came."""
    texts = [file.read_text(encoding="utf-8") for file in sorted((site.data / "mail").glob("*"))]
    found = [re.search(r"http://[^/\s]+(/join/finish/\S+)", text) for text in texts if DOCTOR in text]
    return next((match[1] for match in reversed(found) if match), "")


def yes(held: bool) -> str:
    """Return a word for the table."""
    return "yes" if held else "no"
