"""Canary test: after a withdrawal no byte of it is left anywhere, and a restored backup shows no picture.

    python -m bench.canary                     both worlds
    python -m bench.canary --world embedded    SQLite, the queue in files, the whole site running
    python -m bench.canary --world services    a private Postgres and Redis, the whole site running

Plants marks in pixels, caption, note, title, source, solution, outcome, its correction, a follow-up under a consent of
its own, comments, pins, plans, a quotation in another case, the reason of a dismissed mask, the words with which a
second reader sent the case back, the signed form and its code; types marks that are refused (a diagnosis, a comment, a
search), saves the case as a bookmark and mails what members are told of it; lets the site serve, mail and export;
withdraws with the code, through the page; stops the site, vacuums, and searches every file: databases, journals,
Redis's dump, objects, cache, queue, mails, logs, exports.
Ends with 1 when anything is found, or when the restored backup shows a picture.
"""

import argparse
import contextlib
import http.cookiejar
import json
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from tests.core.instance import Instance, wait_until
from tests.services import free_port, postgres_programs, private_postgres, private_redis

PASSWORD = "correct-horse-battery-staple-23"  # noqa: S105 - of nobody
# Freed pieces of Postgres's log are removed and not used again (docs/operations.md).
POSTGRES = ("wal_recycle=off", "wal_init_zero=off", "min_wal_size=32MB", "autovacuum=off")

PLANT = """
import json, secrets
from consent.models import Capacity, Relation, Use
from consults.cases import gate
from consults.cases.authoring import drafts
from consults.discussion.models import CommentVersion, checksum
from consults.models import Comment, Outcome, CasePhoto
from core import storage
from core.models import DataKey
from imaging.models import Photo, Rendition
from tests import factories
from tests.consent import making
from tests.consults import additions, reading
from accounts.models import Member
from notifications.models import Notice, Preference
from notifications.notices import delivery

def mark(kind):
    return f"{kind} " + " ".join("canary" + secrets.token_hex(6) for _ in range(8))

found = {}
def planted(kind):
    found[kind] = mark(kind)
    return found[kind]

alice, bob, mod1 = (factories.person(name) for name in ("alice", "bob", "mod1"))
for member in Member.objects.all():
    member.set_password("%(password)s")
    member.save()
    Preference.objects.create(member=member, quiet_from=0, quiet_until=0)
pixels = [b"pixels" + secrets.token_bytes(4096) for _size in range(3)]
signature = making.PNG + b"signed" + secrets.token_bytes(256)
given, code = making.consent(alice, uses=(Use.ALL_MEMBERS, Use.LECTURES, Use.PUBLICATION), signature_png=signature,
                             publication=planted("publication")[:150], authority=planted("authority")[:110],
                             capacity=Capacity.LACKS, relation=Relation.REPRESENTATIVE)
case = making.submitted(alice, consent=given, title=planted("title")[:90], note=planted("note"), pictures=0,
                        treatments=planted("treatments"), kind="teaching", solution="actinic-keratosis",
                        solution_reference="histopathology", teaching_points=planted("solution"))
photo = making.picture(case, shades=tuple(pixels), caption=planted("caption")[:130])
from consults.discussion import bookmarks, closing
from consults.discussion.outcomes import corrections
from consults.models import SecondRead
from imaging.models import Region
Region.objects.filter(photo=photo, choice="dismissed").update(reason=planted("reason of a dismissal")[:190])
case.source = planted("source")[:190]
case.save()
gate.send_back(case=case, by=mod1, reason=SecondRead.Reason.OTHER, words=planted("words of a second read"))
drafts.submit(case=case, by=alice)
case = gate.release(case=case, by=mod1, accepted=gate.to_accept(case))
bookmarks.save(case=case, by=mod1)
planted("typed")
said = Comment.objects.create(case=case, author=bob, text=planted("comment"),
                              source=planted("source of a comment")[:190])
CommentVersion.objects.create(comment=said, text=planted("former comment"))
Comment.objects.create(case=case, author=alice, text="Yes.", reply_to=said, quote_start=0, quote_end=len(said.text),
                       quote_sum=checksum(said.text))
given_answer = reading.answer(case, bob, "actinic-keratosis")
from datetime import timedelta
from django.utils import timezone
from consults.models import FormerPlan, Plan, ProposedTerm, Revision, UrgencyMark
Plan.objects.create(answer=given_answer, biopsy="punch", biopsy_where=planted("place of a biopsy")[:80],
                    words=planted("plan"))
FormerPlan.objects.create(revision=Revision.objects.create(answer=given_answer, suggestions=[]), observe="6w",
                          words=planted("former plan"))
ProposedTerm.objects.create(answer=given_answer, text=planted("own words")[:110], language="en", rank=2,
                            confidence="sure")
UrgencyMark.objects.create(case=case, author=alice, level="week", reason="other", words=planted("urgency")[:190],
                           until=timezone.now() + timedelta(days=7))
from tests.consults.pins.making import put_pin
put_pin(case, bob, text=planted("pin")[:130])
other = making.published(author=alice)
Comment.objects.create(case=other.case, author=bob, text="As in that case: " + found["comment"] + " I am not sure.")
put_pin(other.case, bob, text="As there: " + found["pin"])
Comment.objects.create(case=other.case, author=mod1, text="He wrote: " + found["note"] + ", which I doubt.",
                       source=("After " + found["former comment"])[:200])
Plan.objects.create(answer=reading.answer(other.case, bob, "actinic-keratosis"), observe="6w",
                    words="As there: " + found["plan"])
from consults.models import Concern, Group, Post
room = Group.objects.create(name="Hall of canaries")
Post.objects.create(group=room, author=bob, kind="message", text="As there: " + found["comment"] + " Strange.")
Post.objects.create(group=room, author=bob, kind="tip", title="Look", text="He wrote: " + found["note"] + ", see it.")
Concern.objects.create(reporter=bob, case=case, kind="pressure", words="She wrote: " + found["comment"])
later = [b"follow-up" + secrets.token_bytes(4096) for _size in range(3)]
added = additions.addition(case, kinds=(), note=planted("note of a follow-up"))
making.picture(added, shades=tuple(later), caption=planted("caption of a follow-up")[:130])
reading.release(added)
outcome = Outcome(diagnosis="actinic-keratosis", reference="histopathology", done=planted("outcome"))
closing.close(case=case, by=alice, outcome=outcome)
corrections.correct(case=case, by=alice, correction=corrections.Correction(
    "psoriasis", "culture", planted("corrected outcome"), "other", planted("reason of a correction")))
for member in Member.objects.filter(pk__in=Notice.objects.values("member")):
    delivery.mail_at_once(member_id=member.pk)
    delivery.mail_digest(member_id=member.pk)
assert Notice.objects.filter(mailed_at__isnull=False, case_id=case.pk).count() > 2
words = {kind: [word for word in text.split() if word.startswith("canary")][:3] for kind, text in found.items()}
raw = {f"pixels {n}": data[6:38].hex() for n, data in enumerate(pixels)}
raw |= {f"pixels of a follow-up {n}": data[9:41].hex() for n, data in enumerate(later)}
raw["signature"] = signature[-32:].hex()
for rendition in Rendition.objects.filter(photo=photo):
    with storage.renditions().open(rendition.object_name) as sealed:
        raw[f"sealed {rendition.name}"] = sealed.read()[100:132].hex()
with storage.documents().open(f"{given.pk}.sealed") as sealed:
    raw["sealed form"] = sealed.read()[40:72].hex()
for name, key in (("key of the picture", photo.key_id), ("key of the form", given.pk)):
    raw[name] = bytes(DataKey.objects.get(pk=key).wrapped)[13:45].hex()
print(json.dumps({
    "words": words | {"code": [code, code.replace("-", "")]}, "raw": raw, "code": code,
    "case": str(case.pk), "photo": str(photo.pk),
    "other": str(Photo.objects.get(placement__case=other.case).pk), "consent": str(given.pk),
    "pictures": [str(r.pk) for r in Rendition.objects.all()], "other_case": str(other.case.pk),
}))
"""

VACUUM = """
from django.db import connections
for connection in connections.all():
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
"""

RESTORED = """
import json
from core.crypto import vault
from consults.cases import gate
from consults.withdrawal import maintenance
from imaging.renditions import pipeline
from imaging.models import Rendition
from tests import factories
bob = factories.person("bob")
def readable(photo):
    count = 0
    for rendition in Rendition.objects.filter(photo=photo):
        try:
            pipeline.read_rendition(rendition=rendition)
            count += 1
        except vault.KeyDestroyed:
            pass
    return count
listed = gate.visible_renditions(bob).filter(photo="{photo}").count()
gone, kept = readable("{photo}"), readable("{other}")
maintenance.reapply_after_restore()
after = gate.servable_renditions(bob).filter(photo="{photo}").count()
case = gate.visible_cases(bob).filter(pk="{case}").count()
print(json.dumps({{"listed": listed, "gone": gone, "kept": kept, "after": after, "case": case}}))
"""


@dataclass
class World:
    """A site that writes everything below `root`; backups are kept outside."""

    root: Path
    site: Instance
    settle: Callable[[], None]
    back_up: Callable[[Path], None]
    restore: Callable[[Path], None]
    planted: dict[str, object] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)  # what the search found before the withdrawal

    def shell(self, code: str) -> dict[str, object]:
        """Run code in Django's shell; return the JSON that it prints in its last line."""
        found: dict[str, object] = json.loads(self.site.manage("shell", "-v0", "-c", code).splitlines()[-1])
        return found


# --- The two worlds


@contextlib.contextmanager
def embedded(root: Path) -> Iterator[World]:
    """Run a world on SQLite and files."""
    site = Instance(root)
    base = root / "var" / "rete.sqlite3"

    def settle() -> None:
        # Through Django's connection: the tables' checks use functions that plain SQLite lacks.
        site.manage("shell", "-v0", "-c", VACUUM)

    def back_up(to: Path) -> None:
        with closing(sqlite3.connect(base)) as now, closing(sqlite3.connect(to / "rete.sqlite3")) as copy:
            now.backup(copy)

    def restore(where: Path) -> None:
        for leftover in ("-wal", "-shm"):
            base.with_name(base.name + leftover).unlink(missing_ok=True)
        shutil.copy(where / "rete.sqlite3", base)

    try:
        yield World(root, site, settle, back_up, restore)
    finally:
        site.stop()


@contextlib.contextmanager
def services(root: Path) -> Iterator[World]:
    """Run a world on Postgres and Redis, with objects in files."""
    places = [root / name for name in ("postgres", "redis")]
    for place in places:
        place.mkdir()
    root.chmod(0o755)  # the server runs as somebody else
    with private_postgres(places[0], *POSTGRES) as url, private_redis(places[1]) as redis:
        keys = url.rsplit("/", 1)[0] + "/keys"
        site = Instance(root, DATABASE_URL=url, KEYS_DATABASE_URL=keys, REDIS_URL=redis)

        def settle() -> None:
            import psycopg
            import redis as client

            for database in (url, keys):
                with psycopg.connect(database, autocommit=True) as connection:
                    for statement in ("VACUUM FULL", "CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT"):
                        connection.execute(statement)  # type: ignore[arg-type]
            client.Redis.from_url(redis).save()

        def back_up(to: Path) -> None:
            _postgres("pg_dump", "-Fc", "-f", str(to / "rete.dump"), url)

        def restore(where: Path) -> None:
            _postgres("pg_restore", "--clean", "--if-exists", "-d", url, str(where / "rete.dump"))

        try:
            yield World(root, site, settle, back_up, restore)
        finally:
            site.stop()


def _postgres(program: str, *arguments: str) -> None:
    folder = postgres_programs()
    path = str(folder / program) if folder and (folder / program).exists() else program
    subprocess.run([path, *arguments], check=True, capture_output=True)


# --- The run


class Visitor:
    """A minimal browser: cookies and forms."""

    def __init__(self, address: str) -> None:
        self.address = address
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(cookies)

    def get(self, path: str) -> bytes:
        with self.opener.open(self.address + path, timeout=60) as response:
            body: bytes = response.read()
        return body

    def post(self, path: str, page: bytes, **fields: str) -> tuple[str, bytes]:
        """Submit a form of `page` with these fields; return (URL, body) of the response."""
        token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1].decode(), **fields}).encode()
        request = urllib.request.Request(self.address + path, data, headers={"Referer": self.address + path})  # noqa: S310
        with self.opener.open(request, timeout=60) as response:
            return response.url, response.read()

    def refused(self, path: str, page: bytes, **fields: str) -> None:
        """Submit a form whose input must be refused."""
        code = 200
        try:
            self.post(path, page, **fields)
        except urllib.error.HTTPError as answer:
            code = answer.code
        assert code == 422, path


def live(world: World, *, exports: Path, backup: Path) -> None:
    """Plant, back up, serve, export, withdraw; return when everything is destroyed and the site is stopped."""
    world.site.migrate()
    world.planted = world.shell(PLANT % {"password": PASSWORD})
    world.back_up(backup)
    shutil.copytree(world.root / "var" / "objects", backup / "objects")
    world.seen = set().union(*search(world.root, marks(world.planted)).values())
    port = free_port()
    process = world.site.start("manage.py", "serve", "--port", str(port))
    address = f"http://127.0.0.1:{port}"
    wait_until(lambda: _answers(address), what="the site answers")
    bob = Visitor(address)
    bob.post("/sign-in/", bob.get("/sign-in/"), login="bob@hospital.example", password=PASSWORD)
    page = bob.get(f"/cases/{world.planted['case']}/")
    assert b"canary" in page
    for picture in world.planted["pictures"]:  # type: ignore[attr-defined]
        assert bob.get(f"/m/{picture}/")
    typed = " ".join(world.planted["words"]["typed"])  # type: ignore[index]
    for words in ("canary", *world.planted["words"]["title"], typed):  # type: ignore[index]
        bob.get(f"/cases/?q={urllib.parse.quote(words)}")
    moderator = Visitor(address)
    moderator.post("/sign-in/", moderator.get("/sign-in/"), login="mod1@hospital.example", password=PASSWORD)
    assert world.planted["case"].encode() in moderator.get("/cases/saved/")  # type: ignore[attr-defined]
    other = f"/cases/{world.planted['other_case']}/"
    page = moderator.get(other)
    moderator.refused(f"{other}answer/", page, diagnosis_1_text=typed, confidence_1="sure")
    moderator.post(f"{other}read-only/", page)
    moderator.refused(f"{other}comment/", page, text=f"{typed}, record number MRN 12345678")
    world.site.manage("consent_audit", "--out", str(exports))
    patient = Visitor(address)
    code = str(world.planted["code"])
    _url, page = patient.post("/withdraw/", patient.get("/withdraw/"), code=code)
    note = re.search(rb'name="note" value="([^"]+)"', page)
    assert note
    url, _page = patient.post("/withdraw/confirm/", page, note=note[1].decode())
    wait_until(lambda: b"has been hidden and destroyed" in patient.get(url.removeprefix(address)), what="the purge")
    patient.get(url.removeprefix(address) + "certificate.pdf")
    world.site.manage("consent_audit", "--out", str(exports.with_name("exports-after")))
    process.send_signal(signal.SIGTERM)
    process.wait(60)


def _answers(address: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own
        return True
    return False


def marks(planted: dict[str, object]) -> dict[str, list[bytes]]:
    """Return the patterns to search for, by kind: each word and each piece of bytes in every encoding."""
    found: dict[str, list[bytes]] = {}
    for kind, words in planted["words"].items():  # type: ignore[attr-defined]
        found[kind] = [form for word in words for form in _spellings(word.encode())]
        found[kind] += [word.encode(form) for word in words for form in ("utf-16-le", "utf-16-be")]
    for kind, text in planted["raw"].items():  # type: ignore[attr-defined]
        found[kind] = _spellings(bytes.fromhex(text))
    return found


def _spellings(data: bytes) -> list[bytes]:
    import base64

    return [data, data.hex().encode(), data.hex().upper().encode(), base64.b64encode(data)[4:-4]]


def search(root: Path, wanted: dict[str, list[bytes]]) -> dict[str, set[str]]:
    """Return the patterns found, by file."""
    found: dict[str, set[str]] = {}
    for path in sorted(root.rglob("*")):
        if not path.is_file() or path.is_symlink() or "static" in path.relative_to(root).parts:
            continue
        held = path.read_bytes()
        kinds = {kind for kind, forms in wanted.items() if any(form in held for form in forms)}
        if kinds:
            found[path.relative_to(root).as_posix()] = kinds
    return found


def run(name: str) -> int:
    """Run one world; return the number of finds and of pictures that came back."""
    open_world = {"embedded": embedded, "services": services}[name]
    with contextlib.ExitStack() as stack:
        root, backup = (
            Path(tempfile.mkdtemp(prefix=f"rete-canary-{part}-", dir="/tmp")) for part in ("site", "backup")
        )
        for folder in (root, backup):
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        world = stack.enter_context(open_world(root))
        exports = root / "exports"
        live(world, exports=exports, backup=backup)
        wanted = marks(world.planted)
        unseen = (
            set(wanted)
            - world.seen
            - {kind for kind in wanted if kind.startswith(("pixels", "signature", "code", "typed"))}
        )
        print(f"{name}: planted {len(wanted)} marks; the search found {len(world.seen)} of them before the withdrawal")
        if unseen:
            print(f"{name}: the search did not see {', '.join(sorted(unseen))}: it would prove nothing")
        unsettled = search(root, wanted)
        world.settle()
        finds = search(root, wanted)
        files = sum(1 for path in root.rglob("*") if path.is_file())
        for place, kinds in (finds or unsettled).items():
            when = "after" if finds else "before"
            print(f"{name}: {when} VACUUM {place}: {', '.join(sorted(kinds))}")
        print(f"{name}: {len(finds)} finds in {files} files after VACUUM ({len(unsettled)} before it)")
        world.restore(backup)
        shutil.copytree(backup / "objects", root / "var" / "objects", dirs_exist_ok=True)
        shown = world.shell(RESTORED.format(**world.planted))
        print(
            f"{name}: yesterday's rows and objects restored: {shown['listed']} renditions listed, of which "
            f"{shown['gone']} can be read (of a case that was not withdrawn: {shown['kept']}); after the next round "
            f"{shown['after']} listed, {shown['case']} cases"
        )
        bad = shown["listed"] != 3 or shown["kept"] != 3  # then nothing was restored, and nothing is proved
        return len(finds) + len(unseen) + bad + sum(int(str(shown[key])) for key in ("gone", "after", "case"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", choices=["embedded", "services", "both"], default="both")
    wanted = parser.parse_args().world
    worlds = ["embedded", "services"] if wanted == "both" else [wanted]
    return 1 if sum([run(name) for name in worlds]) else 0


if __name__ == "__main__":
    sys.exit(main())
