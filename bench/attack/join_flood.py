"""Strangers apply with pictures that take long to decode, while a patient withdraws."""

import io
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from PIL import Image

from bench.attack import Finding
from bench.attack.plant import keys_destroyed_after, publish, withdraw
from bench.attack.site import Site, Visitor, p95

ADDRESSES, POSTS_EACH = 5, 5  # within the limits for strangers
SIDES = (10_000, 8_000)  # the most pixels that are accepted, in a file of half a megabyte
PAGE_SECONDS, KEYS_SECONDS = 1.0, 15.0
FIELDS = {
    "name": "Dr Nova",
    "profession": "dermatologist",
    "institution": "Lake Hospital",
    "country": "TR",
    "registry_name": "Medical Chamber",
    "registry_url": "https://register.example.org/",
    "evidence_kind": "picture",
    "guidelines": "on",
    "password": "marble otter seventeen lantern",
}


def attack(site: Site) -> list[Finding]:
    """Flood /join/; open the withdrawal page all the while, and withdraw in the middle of it."""
    (made,) = publish(site, cases=1)
    picture = heavy_picture()
    took: list[float] = []
    over = threading.Event()
    looking = threading.Thread(target=look, args=(site, took, over), daemon=True)
    # Processes of their own: what is measured is the site, not this client.
    with ProcessPoolExecutor(ADDRESSES) as strangers:
        posts = [strangers.submit(flood, site.address, picture, address) for address in range(ADDRESSES)]
        looking.start()
        time.sleep(2)
        withdraw(site.visitor(source="127.0.3.1"), code=made["code"])
        keys = keys_destroyed_after(site, consent=made["consent"], seconds=60)
        answers = [status for post in posts for status in post.result()]
    time.sleep(2)
    over.set()
    looking.join()
    seen, taken = p95(took), sum(status == 200 for status in answers)
    return [
        Finding(
            "join_flood: withdrawal page, p95",
            f"{seen:.2f} s",
            f"< {PAGE_SECONDS:g} s",
            seen < PAGE_SECONDS,
        ),
        Finding("join_flood: keys destroyed", f"{keys:.1f} s", f"< {KEYS_SECONDS:g} s", keys < KEYS_SECONDS),
        Finding("join_flood: applications taken", str(taken), "> 0, or nothing is proved", taken > 0),
    ]


def heavy_picture() -> bytes:
    """Return a progressive JPEG of 80 megapixels."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize(SIDES).save(out, "JPEG", progressive=True, quality=20)
    return out.getvalue()


def flood(site: str, picture: bytes, address: int) -> list[int]:
    """Apply several times at once from one address; return the statuses."""
    with ThreadPoolExecutor(POSTS_EACH) as posts:
        numbers = range(address * POSTS_EACH, (address + 1) * POSTS_EACH)
        return list(posts.map(lambda number: apply(site, picture, f"127.0.2.{address + 1}", number), numbers))


def apply(site: str, picture: bytes, source: str, number: int) -> int:
    """Apply as a stranger with a picture; return the status."""
    stranger = Visitor(site, source=source, timeout=120)
    fields = FIELDS | {"email": f"nova{number}@lake.example", "registry_number": f"TR-{4711 + number}"}
    page = stranger.get("/join/")
    return stranger.post_files("/join/", page, {"picture": ("image/jpeg", picture)}, **fields).status


def look(site: Site, took: list[float], over: threading.Event) -> None:
    """Open the withdrawal page again and again."""
    while not over.is_set():
        took.append(site.visitor(source="127.0.3.2").get("/withdraw/").seconds)
        over.wait(0.1)
