"""Seconds and memory of the consent audit's exports (ZIP), by format, over 100,000 consents and posts.

python bench/audit_export.py [COUNT [FORMAT …]]    all formats one by one, then all of them in one go ("all")

Rows go into a SQLite database of their own in a temporary folder; each export runs in a process of its own, whose
peak resident memory is read from the kernel. "nothing" is a process that only loads the site.
"""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
COUNT = 100_000
PIECE = 2_000
KINDS = ("nothing", "csv", "xlsx", "fhir", "pdf", "all")


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], Path(sys.argv[3]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory(prefix="rete-bench-") as folder:
        os.environ |= {"RETE_DATA": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
        subprocess.run([sys.executable, str(ROOT / "manage.py"), "migrate", "-v0"], check=True)
        begun = time.perf_counter()
        fill(count)
        print(f"{count} consents and posts made in {time.perf_counter() - begun:.0f} s")
        print(f"{'export':>8}{'seconds':>9}{'CPU s':>9}{'peak MB':>9}{'ZIP MB':>9}")
        for kind in sys.argv[2:] or KINDS:
            subprocess.run([sys.executable, __file__, "--child", kind, folder], check=True)


def child(kind: str, folder: Path) -> None:
    import django

    django.setup()
    from compliance.audit.query import Filter
    from compliance.exports import FORMATS, ExportRequest, ZipStream, write_export

    begun, worked, size = time.perf_counter(), time.process_time(), 0
    if kind != "nothing":
        out = folder / kind
        out.mkdir()
        formats = FORMATS if kind == "all" else (kind,)
        order = ExportRequest(wanted=Filter(), reason="internal_review", via="command", formats=formats)
        size = sum(map(len, ZipStream(write_export(request=order, folder=out).paths)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took, work = time.perf_counter() - begun, time.process_time() - worked
    print(f"{kind:>8}{took:9.1f}{work:9.1f}{peak:9.0f}{size / 1e6:9.1f}", flush=True)


def fill(count: int) -> None:
    """Insert published posts with one picture each: a tenth in a group, a tenth withdrawn, every 50th expired."""
    import django

    django.setup()
    from datetime import timedelta

    from django.db import transaction
    from django.utils import timezone

    from accounts.models import Member
    from consent.models import Form
    from consults.models import Group, Membership

    now = timezone.now()
    fields = {"profession": "dermatologist", "standing": "verified", "verified_until": now.date() + timedelta(days=99)}
    author = Member.objects.create_user("author@bench.example", None, name="Author", **fields)
    moderator = Member.objects.create_user("mod@bench.example", None, name="Moderator", is_moderator=True, **fields)
    group = Group.objects.create(name="Bench")
    Membership.objects.bulk_create(Membership(group=group, member=member) for member in (author, moderator))
    form = Form.objects.filter(language="en").first()
    assert form is not None
    for start in range(0, count, PIECE):
        with transaction.atomic():
            _piece(range(start, min(start + PIECE, count)), now, author, moderator, group, form)


def _piece(numbers, now, author, moderator, group, form) -> None:  # type: ignore[no-untyped-def]
    from datetime import timedelta

    from audit.canonical import event_digest
    from audit.models import GENESIS, Event
    from audit.strands import head_of
    from consent.models import Capacity, Consent, ConsentUse, Relation, Shown, Signature, Status, Use, Withdrawal
    from consults.models import Case, CasePhoto, CaseState, Release
    from imaging.models import Photo, Rendition, State

    consents, uses, withdrawals, cases, photos, places, renditions, releases = ([] for _number in range(8))
    last = head_of(0)
    seq, previous, events = (last.seq, last.digest, []) if last else (0, GENESIS, [])
    for number in numbers:
        at = now - timedelta(minutes=number)
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        gone, over, grouped = number % 10 == 1, number % 50 == 2, number % 10 == 3
        consent = Consent(
            status=Status.WITHDRAWN if gone else Status.ACTIVE,
            form=form,
            recorded_by=author,
            recorded_at=at,
            capacity=Capacity.CAPABLE,
            relation=Relation.SELF,
            shown=Shown.NOT_SHOWN,
            masking_method="bar",
            signature=Signature.DRAWN,
            copy_given=True,
            document_sha256=digest,
            signed_on=at.date(),
            expires_on=now.date() - timedelta(days=1) if over else None,
        )
        consents.append(consent)
        uses.append(
            ConsentUse(consent=consent, use=Use.NAMED_GROUP, scope=group.pk)
            if grouped
            else ConsentUse(consent=consent, use=Use.ALL_MEMBERS)
        )
        if gone:
            withdrawals.append(Withdrawal(consent=consent, by="patient", requested_at=at, completed_at=at))
        case = Case(
            author=author,
            state=CaseState.WITHDRAWN if gone else CaseState.RELEASED,
            group=group if grouped else None,
            consent=consent,
            released_at=at,
            title="Plaque",
            note="Slowly growing.",
        )
        case.content_sha256 = case.digest()
        cases.append(case)
        events.append(
            Event(
                seq=seq + 1, at=at, actor_id=moderator.pk, verb="case.released", subject_type="case",
                subject_id=case.pk, facts={"pictures": [digest]}, previous=previous,
            )
        )  # fmt: skip
        events[-1].digest = event_digest(events[-1])
        seq, previous = events[-1].seq, events[-1].digest
        if gone:
            continue
        photo = Photo(
            owner=author, key_id=case.pk, state=State.SEALED, width=1200, height=900, engine_version="1", sealed_at=at,
            confirmed_at=at, confirmed_by=author,
        )  # fmt: skip
        rendition = Rendition(
            photo=photo, name="display", content_type="image/jpeg", width=1200, height=900, size=1, sha256=digest,
            pipeline_version="1",
        )  # fmt: skip
        photos.append(photo)
        renditions.append(rendition)
        places.append(CasePhoto(case=case, photo=photo, kind="close-up"))
        releases.append(
            Release(
                case=case, rendition=rendition, approver=moderator, consent=consent, basis=Release.Basis.CONSENT,
                sha256=digest, content_sha256=case.content_sha256, released_at=at,
            )
        )  # fmt: skip
    for model, made in (
        (Consent, consents), (ConsentUse, uses), (Withdrawal, withdrawals), (Case, cases), (Photo, photos),
        (CasePhoto, places), (Rendition, renditions), (Release, releases), (Event, events),
    ):  # fmt: skip
        model.objects.bulk_create(made)


if __name__ == "__main__":
    main()
