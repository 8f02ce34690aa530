"""Released cases in bulk that truly pass the gate, for measurements. Never point it at real data.

    filler = Filler(members=200)      # people, groups and a form, in an empty database
    filler.fill(10_000)               # until so many cases were released

Each case has a consent, one or two pictures with three renditions and their releases, answers, comments and listings.
One in ten is for a group, three in ten are closed, one in five is a teaching case, one in twenty was withdrawn.
"""

import random
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

BATCH: Final = 1000
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
RARE: Final = "zebrafishpattern"  # in one case of a thousand


class Filler:
    """The people of a bench, and cases of theirs."""

    def __init__(self, *, members: int = 200, seed: int = 20240612) -> None:
        """Make the people: a reader, a nurse, a student, a moderator, and authors."""
        from django.utils import timezone

        from accounts.models import Member
        from consent.models import Form
        from consults.models import Group, Membership

        self.random = random.Random(seed)
        self.now = timezone.now()
        self.cases = 0

        def member(name: str, profession: str, **more: Any) -> Member:
            until = timezone.localdate() + timedelta(days=self.random.randrange(100, 360))
            made = Member(
                email=f"{name}@bench.example",
                name=name.capitalize(),
                profession=profession,
                standing="verified",
                verified_until=until,
                **more,
            )
            made.set_unusable_password()
            return made

        self.reader, self.nurse = member("reader", "dermatologist"), member("nurse", "nurse")
        self.student, self.moderator = member("student", "student"), member("mod", "dermatologist", is_moderator=True)
        professions = ("dermatologist", "dermatopathologist", "physician", "resident")
        self.authors = [member(f"author{n}", professions[n % 4]) for n in range(members)]
        Member.objects.bulk_create([self.reader, self.nurse, self.student, self.moderator, *self.authors])
        self.groups = [Group(name=f"Group {n}", open_to_nurses=n == 0) for n in range(20)]
        Group.objects.bulk_create(self.groups)
        inside = {(group.pk, self.reader.pk) for group in self.groups[:3]} | {(self.groups[0].pk, self.nurse.pk)}
        for group in self.groups:
            inside |= {(group.pk, author.pk) for author in self.random.sample(self.authors, members // 5)}
        Membership.objects.bulk_create(Membership(group_id=group, member_id=pk) for group, pk in sorted(inside))
        self.form = Form.objects.filter(language="en").first() or Form.objects.create(
            code="bench", version=1, language="en", title="Consent", text="Text.\n\n- A statement."
        )

    def fill(self, wanted: int) -> None:
        """Add cases until `wanted` were released; the newest are the last."""
        from consults.cases.gate import listing, listing_counts

        while self.cases < wanted:
            released = self._batch(min(BATCH, wanted - self.cases))
            listing.refresh(cases=released)
            listing_counts.fold()
        self._analyse()

    def _analyse(self) -> None:
        from django.db import connections

        for connection in connections.all():
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")

    def _batch(self, size: int) -> list[uuid.UUID]:
        from consent.models import Consent, ConsentUse
        from consults.models import Answer, Case, CasePhoto, Comment, Outcome, Release, Suggestion
        from imaging.models import Photo, Rendition

        order: list[type[Any]] = [
            Consent, ConsentUse, Case, Photo, CasePhoto, Rendition, Release, Answer, Suggestion, Comment, Outcome,
        ]  # fmt: skip
        rows: dict[type[Any], list[Any]] = {model: [] for model in order}
        released = []
        for case in islice(self._cases(rows), size):
            released.append(case.pk)
            self.cases += 1
        for model in order:
            model.objects.bulk_create(rows[model], batch_size=BATCH)
        return released

    def _cases(self, rows: dict[type[Any], list[Any]]) -> Iterator[Any]:
        """Cases without an end, each with what belongs to it put into `rows`."""
        from consent.models import Consent, ConsentUse
        from consults.models import Case
        from vocabulary import diagnoses, sites, terms

        pick = self.random
        codes = [one.code for one in diagnoses.all() if diagnoses.is_answerable(one.code)]
        places = [site.code for site in sites.all()]
        while True:
            at = self.now - timedelta(days=365) + timedelta(seconds=25 * (self.cases + 1))
            author = pick.choice(self.authors)
            group = pick.choice(self.groups) if pick.random() < 0.1 else None
            closed, gone = pick.random() < 0.3, pick.random() < 0.05
            consent = Consent(
                form=self.form, recorded_by=author, status="withdrawn" if gone else "active", capacity="capable",
                relation="self", shown="not_shown", masking_method="bars", signature="drawn",
                document_sha256="0" * 64, signed_on=at.date(),
                expires_on=self.now.date() + timedelta(days=pick.randrange(10, 900)) if pick.random() < 0.3 else None,
            )  # fmt: skip
            rows[Consent].append(consent)
            use = "named_group" if group else "all_members"
            rows[ConsentUse].append(ConsentUse(consent=consent, use=use, scope=group.pk if group else None))
            case = Case(
                author=author, group=group, consent=consent, state="closed" if closed else "released",
                kind="teaching" if pick.random() < 0.2 else "difficult", submitted_at=at, released_at=at,
                title=f"{pick.choice(WORDS)} {pick.choice(WORDS)} for {pick.randrange(1, 30)} months",
                note=" ".join([*pick.choices(WORDS, k=60), *([RARE] if self.cases % 1000 == 7 else [])]),
                question=pick.choice(terms.Question.values), age_band="60-69", sex=pick.choice(("female", "male")),
                site=pick.choice(places), duration="6m-2y", morphology=pick.choice(terms.Morphology.values),
                monk=pick.randrange(1, 11), differential=pick.sample(codes, 3),
            )  # fmt: skip
            if gone:
                case.state = "withdrawn"
            case.content_sha256 = case.digest()
            rows[Case].append(case)
            if gone:
                continue
            self._pictures(case, rows)
            self._talk(case, at, codes, rows)
            yield case

    def _pictures(self, case: Any, rows: dict[type[Any], list[Any]]) -> None:
        from consults.models import CasePhoto, Release
        from imaging.models import Photo, Rendition
        from vocabulary import terms

        at = case.released_at
        for position in range(1 + self.random.randrange(2)):
            photo = Photo(
                owner=case.author, state="sealed", width=1200, height=900, engine_version="1", confirmed_at=at,
                confirmed_by=case.author, sealed_at=at, no_eyes_stated=True,
            )  # fmt: skip
            rows[Photo].append(photo)
            kind = self.random.choice(terms.PictureKind.values)
            rows[CasePhoto].append(CasePhoto(case=case, photo=photo, kind=kind, position=position))
            for name in Rendition.Name.values:
                digest = f"{self.random.getrandbits(256):064x}"
                rendition = Rendition(
                    photo=photo, name=name, content_type="image/jpeg", width=1200, height=900, size=1, sha256=digest
                )
                rows[Rendition].append(rendition)
                release = Release(
                    case=case,
                    rendition=rendition,
                    basis="consent",
                    consent=case.consent,
                    sha256=digest,
                    approver=self.moderator,
                    content_sha256=case.content_sha256,
                    released_at=at,
                )
                rows[Release].append(release)

    def _talk(self, case: Any, at: datetime, codes: list[str], rows: dict[type[Any], list[Any]]) -> None:
        from consults.models import Answer, Comment, Outcome, Suggestion

        pick = self.random
        members = [one for one in pick.sample(self.authors, pick.randrange(1, 7)) if one is not case.author]
        members += [self.reader] if self.cases % 50 == 3 else []
        for member in members:
            answer = Answer(
                case=case, member=member, kind="diagnosis", counted_as=member.counted_as, answered_at=at,
                is_dermatologist=member.counted_as == "expert",
            )  # fmt: skip
            rows[Answer].append(answer)
            rows[Suggestion].append(Suggestion(answer=answer, rank=1, code=pick.choice(codes), confidence="probable"))
        for member in members[:3]:
            rows[Comment].append(Comment(case=case, author=member, text=" ".join(pick.choices(WORDS, k=20))))
        if case.state == "closed":
            rows[Outcome].append(Outcome(case=case, diagnosis=pick.choice(codes), reference="histopathology"))
