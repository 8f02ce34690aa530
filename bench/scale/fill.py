"""Released cases in bulk that truly pass the gate, for measurements. Never point it at real data.

    filler = Filler()                 # people, groups and a form, in an empty database
    filler.fill(10_000)               # until so many cases were released
    filler.hang_pictures(40)          # real sealed bytes under the pictures of the newest cases

Each case has a consent, one or two pictures with three renditions and their releases, answers, comments, a listing and
a line in the log. One in ten is for a group, three in ten are closed, one in five is a teaching case. Beside them one
in twenty-one was withdrawn, and 50 and one in a thousand wait for the second read. There are 200 members and one for
each hundred cases.

Listings and counts are written here as the product would write them; `gate.listing.compare` finds no difference
(tests/matrix/test_scale.py). Memory does not grow with the number of cases.
"""

import hashlib
import io
import json
import random
import uuid
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from bench.scale.tables import Table, null, plain, quickly
from vocabulary import tags, terms, text_language

BATCH: Final = 2000  # cases
WORDS: Final = tuple(
    word
    for line in (
        "plaque papule itching slowly growing months weeks treated topical steroid without improvement surface scale",
        "border regular irregular colour brown red pink white centre periphery biopsy planned reports burning after",
        "exposure systemic symptoms family history negative mucosa nails palpation firm tender mobile nodes enlarged",
        "dermoscopy shows vessels network pigment globules streaks blue veil follicular openings epidermis crust sun",
    )
    for word in line.split()
)
STAINS: Final = {"histology": "he"}
MODES: Final = {"dermoscopy": "contact-polarised"}
RARE: Final = "zebrafishpattern"  # in one case of a thousand, and in so many of the first that they fill a page
FIRST: Final = 1000  # cases among which all have their share that is the same however many cases there are
PROLIFIC: Final = 1000  # cases of one author, a thousand at most


class Person(NamedTuple):
    """What a case needs to know of a member; the id as 32 hexadecimal digits."""

    id: str
    counted_as: str
    until: date

    @property
    def text(self) -> str:
        return str(uuid.UUID(self.id))


class Filler:
    """The people of a bench, and cases of theirs."""

    def __init__(self, *, seed: int = 20240612) -> None:
        """Make those who look at pages, the groups and a form."""
        from django.utils import timezone

        from consent.models import Form
        from consults.models import Group, Membership
        from vocabulary import diagnoses, sites

        self.random = random.Random(seed)
        self.now = timezone.now()
        self.cases = self.waiting = self.withdrawn = 0
        self.codes = [one.code for one in diagnoses.all() if diagnoses.is_answerable(one.code)]
        self.sites = [site.code for site in sites.all()]
        self.regions = {code: site.code for site in sites.all() if not site.parent for code in sites.within(site.code)}
        self.authors: list[Person] = []
        self.reader, self.nurse = self._member("reader", "dermatologist"), self._member("nurse", "nurse")
        self.student = self._member("student", "student")
        self.moderator = self._member("mod", "dermatologist", is_moderator=True)
        self.officer = self._member("officer", "", is_privacy_officer=True)
        self.busy, self.prolific = self._member("busy", "dermatologist"), self._member("prolific", "dermatologist")
        people = [self.reader, self.nurse, self.student, self.moderator, self.officer, self.busy, self.prolific]
        type(self.reader).objects.bulk_create(people)
        self._people(200)
        groups = [Group(name=f"Group {n}", open_to_nurses=n == 0) for n in range(20)]
        Group.objects.bulk_create(groups)
        self.groups = [group.pk.hex for group in groups]
        inside = {(group.pk, self.reader.pk) for group in groups[:3]} | {(groups[0].pk, self.nurse.pk)}
        for group in groups:
            inside.add((group.pk, self.moderator.pk))  # a case for a group is second-read by its members
            inside |= {(group.pk, uuid.UUID(author.id)) for author in self.random.sample(self.authors, 40)}
        Membership.objects.bulk_create(Membership(group_id=group, member_id=pk) for group, pk in sorted(inside))
        self.form = Form.objects.filter(language="en").first() or Form.objects.create(
            code="bench", version=1, language="en", title="Consent", text="Text.\n\n- A statement."
        )

    def _member(self, name: str, profession: str, **more: Any) -> Any:
        from django.utils import timezone

        from accounts.models import Member

        until = timezone.localdate() + timedelta(days=self.random.randrange(100, 360))
        made = Member(
            email=f"{name}@bench.example",
            name=name.capitalize(),
            profession=profession,
            standing="verified",
            verified_until=until,
            conduct_until=until,
            factor_enrolled_at=timezone.now(),
            **more,
        )
        made.set_unusable_password()
        return made

    def _people(self, wanted: int) -> None:
        professions = ("dermatologist", "dermatopathologist", "physician", "resident")
        made = [self._member(f"author{n}", professions[n % 4]) for n in range(len(self.authors), wanted)]
        type(self.reader).objects.bulk_create(made, batch_size=1000)
        self.authors += [_person(member) for member in made]

    def fill(self, wanted: int) -> None:
        """Add cases until `wanted` were released; the newest are the last."""
        self._people(200 + wanted // 100)
        rows = _Rows(self)
        with quickly(rows.tables, cases=wanted - self.cases):
            while self.cases < wanted:
                for _case in range(min(BATCH, wanted - self.cases)):
                    rows.released()
                rows.write()
            while self.waiting < 50 + wanted // 1000:
                rows.submitted()
            rows.write()
            rows.write_counts()
        _settle()

    def hang_pictures(self, cases: int) -> list[uuid.UUID]:
        """Store real bytes under the renditions of the newest open cases for all; return the display pictures' ids."""
        from consults.models import Case, Release
        from core import storage
        from core.crypto import vault
        from imaging.models import Rendition

        newest = Case.objects.filter(state="released", group=None).order_by("-released_at").values_list("pk", flat=True)
        found = Rendition.objects.filter(photo__placement__case__in=list(newest[:cases])).exclude(name="full")
        for rendition in found.select_related("photo"):
            data = picture(rendition.name)
            vault.create_key(rendition.photo.key_id)
            storage.put_sealed(
                storage.renditions(),
                name=rendition.object_name,
                key_id=rendition.photo.key_id,
                context=rendition.context,
                data=data,
            )
            digest = hashlib.sha256(data).hexdigest()
            Rendition.objects.filter(pk=rendition.pk).update(sha256=digest, size=len(data))
            Release.objects.filter(rendition=rendition).update(sha256=digest)
        return [rendition.pk for rendition in found if rendition.name == "display"]


_PICTURES: dict[str, bytes] = {}


def picture(name: str) -> bytes:
    """Return a JPEG of the size in bytes that clinical photographs have: about 300 kB, or 15 kB as a thumbnail."""
    if name not in _PICTURES:
        import numpy as np
        from PIL import Image

        size, quality = ((360, 270), 85) if name == "thumbnail" else ((1600, 1200), 80)
        noise = np.random.default_rng(3)
        soft = Image.fromarray(noise.integers(90, 200, (30, 40, 3), dtype=np.uint8)).resize(size)
        grain = noise.normal(0, 5, (size[1], size[0], 1))
        out = io.BytesIO()
        Image.fromarray(np.clip(np.asarray(soft) + grain, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=quality)
        _PICTURES[name] = out.getvalue()
    return _PICTURES[name]


def _person(member: Any) -> Person:
    return Person(id=member.pk.hex, counted_as=member.counted_as, until=member.verified_until)


def _settle() -> None:
    """Let the planner know what there is, and leave nothing to be written while others measure."""
    from django.db import connections

    from consults.cases.gate import listing_counts

    listing_counts.fold()
    for connection in connections.all():
        if connection.in_atomic_block:  # of a test
            continue
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("VACUUM ANALYZE")
                cursor.execute("CHECKPOINT")
            else:
                cursor.execute("ANALYZE")


class _Rows:
    """Rows of cases and of what belongs to them, kept until `write`."""

    def __init__(self, filler: Filler) -> None:
        from audit.models import GENESIS, Event
        from audit.strands import head_of
        from consent.models import Consent, ConsentUse, Withdrawal
        from consults.models import (
            Answer,
            Bookmark,
            Case,
            CasePhoto,
            Comment,
            Listing,
            ListingCount,
            ListingMark,
            ListingText,
            Outcome,
            Release,
            SecondRead,
            Suggestion,
        )
        from imaging.models import Photo, Rendition
        from notifications.models import Notice

        self.filler, self.random, self.now = filler, filler.random, filler.now
        self.today = self.now.date()
        self.kinds, self.questions = terms.PictureKind.values, terms.Question.values
        self.morphologies, self.names = terms.Morphology.values, Rendition.Name.values
        self.reader, self.moderator = _person(filler.reader), _person(filler.moderator)
        self.busy, self.prolific = _person(filler.busy), _person(filler.prolific)
        last = head_of(0)
        self.seq, self.previous = (last.seq, last.digest) if last else (0, GENESIS)
        newest = Listing.objects.order_by("-pk").first()
        self.listed = newest.pk if newest else 0
        self.counts: Counter[Any] = Counter()
        # Filled anew for every case, because making one takes longer than all that is done with it.
        self.case, self.listing, self.line = Case(), Listing(), Event(verb="case.released", subject_type="case")
        self.consents = Table(
            Consent,
            "id patient status recorded_by_id recorded_at signed_on expires_on code_sha256",
            form_id=filler.form.pk, capacity="capable", relation="self", shown="not_shown", masking_method="bars",
            signature="drawn", document_sha256="0" * 64, copy_given=True,
        )  # fmt: skip
        self.uses = Table(ConsentUse, "consent_id use scope")
        self.withdrawals = Table(
            Withdrawal, "id consent_id requested_at keys_destroyed_at completed_at", by="patient", cases=1
        )
        self.all_cases = Table(
            Case,
            "id author_id group_id consent_id state kind submitted_at released_at created_at changed_at title note "
            "question sex site morphology monk differential tags content_sha256",
            age_band="60-69", duration="6m-2y", patient_asked=True,
        )  # fmt: skip
        self.photos = Table(
            Photo,
            "id owner_id key_id original_key idempotency_key uploaded_at confirmed_at confirmed_by_id sealed_at",
            state="sealed", width=1200, height=900, engine_version="1", no_eyes_stated=True,
        )  # fmt: skip
        self.placements = Table(CasePhoto, "case_id photo_id kind stain mode position")
        self.renditions = Table(
            Rendition, "id photo_id name sha256", content_type="image/jpeg", width=1200, height=900, size=1
        )
        self.releases = Table(
            Release,
            "id case_id rendition_id consent_id sha256 content_sha256 released_at",
            basis="consent", approver_id=filler.moderator.pk,
        )  # fmt: skip
        self.reads = Table(
            SecondRead, "id case_id content_sha256 decided_at", reader_id=filler.moderator.pk, decision="released"
        )
        self.answers = Table(Answer, "id case_id member_id kind counted_as is_dermatologist answered_at")
        self.suggestions = Table(Suggestion, "answer_id code", rank=1, confidence="probable")
        self.comments = Table(Comment, "id case_id author_id text written_at")
        self.outcomes = Table(Outcome, "case_id diagnosis closed_at", reference="histopathology")
        self.bookmarks = Table(Bookmark, "id case_id saved_at", member_id=filler.reader.pk)
        self.notices = Table(Notice, "id member_id kind topic_id case_id path began_at at", channel="in_app")
        self.events = Table(
            Event,
            "seq at subject_id facts previous digest",
            actor_id=filler.moderator.pk, verb="case.released", subject_type="case",
        )  # fmt: skip
        self.listings = Table(
            Listing,
            "id case_id author_id group_id state kind region morphology pictures stains modes tone language tags "
            "diagnosis answers comments no_dermatologist released_at visible_until",
            exempt=False,
        )
        self.texts = Table(ListingText, "listing_id words")
        self.marks = Table(ListingMark, "listing_id facet value")
        self.sums = Table(ListingCount, "group_id teaching under under_value facet value n")
        self.tables = [made for made in vars(self).values() if isinstance(made, Table)]

    def write(self) -> None:
        """Insert everything that was kept."""
        for table in self.tables:
            table.write()

    def write_counts(self) -> None:
        """Write how many listings have what, for all that were added."""
        for (group, *key), n in self.counts.items():
            self.sums.add(group or null(), *key, n)
        self.counts.clear()
        self.sums.write()

    def released(self) -> None:
        """Add one case that was released, and now and then one that was withdrawn."""
        filler, pick = self.filler, self.random
        number = filler.cases
        filler.cases += 1
        at = self.now - timedelta(days=365) + timedelta(seconds=25 * filler.cases)
        if number % 20 == 11:
            self._case(number, at, state="withdrawn")
        self._case(number, at, state="closed" if pick.random() < 0.3 else "released")

    def submitted(self) -> None:
        """Add one case that waits for the second read."""
        self.filler.waiting += 1
        self._case(self.filler.waiting, self.now - timedelta(minutes=self.filler.waiting), state="submitted")

    def _case(self, number: int, at: datetime, *, state: str) -> None:
        pick, case, when = self.random, self.case, plain(at)
        released = state in ("released", "closed")
        author = pick.choice(self.filler.authors)
        if released and number < FIRST and number % 10 == 5:
            author = self.busy
        elif released and number % 10 == 8 and number < 10 * PROLIFIC:
            author = self.prolific
        group = pick.choice(self.filler.groups) if pick.random() < 0.1 else None
        first = released and number < FIRST  # a page is full at every size, or its cost would grow with its rows
        if first and number % 30 == 9:
            group = self.filler.groups[0]
        until = self.today + timedelta(days=pick.randrange(10, 900)) if pick.random() < 0.3 else None
        consent, key = self._id(), self._id()
        self.consents.add(
            consent, consent, "withdrawn" if state == "withdrawn" else "active", author.id, when, at.date().isoformat(),
            plain(until), f"{pick.getrandbits(256):064x}",
        )  # fmt: skip
        self.uses.add(consent, "named_group" if group else "all_members", group or null())
        case.kind = "teaching" if pick.random() < 0.2 else "difficult"
        case.title = f"{pick.choice(WORDS)} {pick.choice(WORDS)} for {pick.randrange(1, 30)} months"
        rare = number % 1000 == 7 or (first and number % 30 == 7)
        case.note = " ".join([*pick.choices(WORDS, k=60), *([RARE] if rare else [])])
        case.question, case.sex = pick.choice(self.questions), pick.choice(("female", "male"))
        case.site, case.morphology = pick.choice(self.filler.sites), pick.choice(self.morphologies)
        case.age_band, case.duration = "60-69", "6m-2y"
        case.monk, case.differential = pick.randrange(1, 11), pick.sample(self.filler.codes, 3)
        case.tags = [tags.codes()[number % len(tags.codes())]] if number % 3 else []
        words = case.digest()
        self.all_cases.add(
            key, author.id, group or null(), consent, state, case.kind, when, when if released else null(), when, when,
            case.title, case.note, case.question, case.sex, case.site, case.morphology, case.monk,
            json.dumps(case.differential), json.dumps(case.tags), words,
        )  # fmt: skip
        if state == "withdrawn":
            self.filler.withdrawn += 1
            later = plain(at + timedelta(days=2, seconds=pick.randrange(2, 60)))
            self.withdrawals.add(
                self._id(), consent, plain(at + timedelta(days=2)), plain(at + timedelta(days=2)), later
            )
            return
        kinds = self._pictures(key, author, consent, words, when, released=released)
        if not released:
            return
        self.reads.add(self._id(), key, words, when)
        given, experts, comments = self._answers(number, key, author, when)
        case.state, case.diagnosis, case.released_at = state, "", at
        if state == "closed":
            case.diagnosis = pick.choice(self.filler.codes)
            self.outcomes.add(key, case.diagnosis, when)
        if number < FIRST and number % 10 == 2:
            self.bookmarks.add(self._id(), key, when)
        last_day = min(filter(None, (author.until, until)))
        self._listed(key, author, group, kinds, given, experts, comments, when, last_day)
        self._logged(key, at, words)

    def _pictures(
        self, case: str, author: Person, consent: str, words: str, when: object, *, released: bool
    ) -> set[str]:
        pick, kinds = self.random, set[str]()
        for position in range(1 + pick.randrange(2)):
            photo = self._id()
            self.photos.add(photo, author.id, self._id(), self._id(), self._id(), when, when, author.id, when)
            kind = pick.choice(self.kinds)
            kinds.add(kind)
            self.placements.add(case, photo, kind, STAINS.get(kind, ""), MODES.get(kind, ""), position)
            for name in self.names:
                rendition, digest = self._id(), f"{pick.getrandbits(256):064x}"
                self.renditions.add(rendition, photo, name, digest)
                if released:
                    self.releases.add(self._id(), case, rendition, consent, digest, words, when)
        return kinds

    def _answers(self, number: int, case: str, author: Person, when: object) -> tuple[int, int, int]:
        """Add answers and comments; return how many answered, how many of them were dermatologists, and commented."""
        pick = self.random
        members = [one for one in pick.sample(self.filler.authors, pick.randrange(1, 7)) if one is not author]
        if (number < FIRST and number % 10 == 3) or number % 1000 == 993:
            members.append(self.reader)
        for member in members:
            answer = self._id()
            self.answers.add(
                answer, case, member.id, "diagnosis", member.counted_as, member.counted_as == "expert", when
            )
            self.suggestions.add(answer, pick.choice(self.filler.codes))
        for kind, told in (("answer", author), *(("reply", member) for member in members[:2])):
            self.notices.add(self._id(), told.id, kind, case, case, f"/cases/{uuid.UUID(case)}/", when, when)
        for member in members[:3]:
            self.comments.add(self._id(), case, member.id, " ".join(pick.choices(WORDS, k=20)), when)
        return len(members), sum(member.counted_as == "expert" for member in members), len(members[:3])

    def _listed(
        self,
        key: str,
        author: Person,
        group: str | None,
        kinds: set[str],
        given: int,
        experts: int,
        comments: int,
        when: object,
        last_day: date,
    ) -> None:
        """Add the listing, as `gate.listing` writes it, and count it."""
        from consults.cases.gate import full_text, listing_counts, listing_marks

        case, listing = self.case, self.listing
        listing.group_id, listing.state, listing.kind = group, case.state, case.kind  # type: ignore[assignment]
        listing.region, listing.morphology = self.filler.regions.get(case.site, ""), case.morphology
        listing.pictures = " ".join(kind for kind in self.kinds if kind in kinds)
        listing.no_dermatologist = case.state == "released" and not experts
        listing.stains = " ".join(STAINS[kind] for kind in self.kinds if kind in kinds & STAINS.keys())
        listing.modes = " ".join(MODES[kind] for kind in self.kinds if kind in kinds & MODES.keys())
        listing.tone, listing.tags = terms.tone_of(case.monk), " ".join(case.tags)
        listing.language = text_language.guess(f"{case.title} {case.note}")
        listing.diagnosis = case.diagnosis
        self.counts.update(listing_counts.keys(listing))
        self.listed += 1
        self.listings.add(
            self.listed, key, author.id, group or null(), case.state, case.kind, listing.region, listing.morphology,
            listing.pictures, listing.stains, listing.modes, listing.tone, listing.language, listing.tags,
            listing.diagnosis, given, comments, listing.no_dermatologist, when,
            (last_day + timedelta(days=1)).isoformat(),
        )  # fmt: skip
        for facet, value in sorted(listing_marks.marks_of(listing, case)):
            self.marks.add(self.listed, facet, value)
        self.texts.add(self.listed, full_text.words_of(case))

    def _logged(self, case: str, at: datetime, words: str) -> None:
        from audit.canonical import event_digest

        line, self.seq = self.line, self.seq + 1
        line.seq, line.at, line.subject_id = self.seq, at, uuid.UUID(case)
        line.actor_id = uuid.UUID(self.moderator.id)
        line.facts, line.previous = {"words": words}, self.previous
        self.previous = event_digest(line)
        self.events.add(self.seq, plain(at), case, json.dumps(line.facts), line.previous, self.previous)

    def _id(self) -> str:
        return f"{self.random.getrandbits(128):032x}"
