"""Quadratic text: a long text in any field must not keep a process busy."""

import json
import threading
import time

from bench.attack import Finding
from bench.attack.site import Answer, Site, Visitor, p95, token_in

LENGTH = 400_000  # characters; two of these stopped both processes
LIMIT_SECONDS, OWN_LIMIT_SECONDS = 1.0, 5.0
PAGES = 20
PUMPS = (("tel", " "), ("MRN", " "), ("", "Aa "), ("", "1 "), ("", "e\u0301"))
TEXTS = tuple(before + pump * (LENGTH // len(pump)) for before, pump in PUMPS)
SHORT = "tel" + " " * 2990 + "\x01"  # as long as a comment may be
PICTURE = """
from tests.imaging import making
photo = making.photo()
print(json.dumps([str(photo.placement.case_id), str(photo.pk)]))
"""
MASK = {"kind": "other", "shape": "box", "style": "bar", "x": 1, "y": 1, "width": 9, "height": 9, "state": "drawn"}


def attack(site: Site) -> list[Finding]:
    """Send texts to the studio, a draft and the public forms, all at once; ask for the withdrawal page meanwhile."""
    case, photo = site.shell(PICTURE)
    alice = site.member("alice", source="127.0.0.7")
    page = alice.get(f"/cases/{case}/facts/")
    token = token_in(page)
    json_headers = {"Content-Type": "application/json", "X-CSRFToken": token}
    took: list[float] = []
    statuses: list[int] = []

    def send(text: str) -> None:
        body = json.dumps({"masks": [MASK | {"reason": text}], "revision": 0}).encode()
        for work in (
            lambda: alice.send("POST", f"/cases/{case}/pictures/{photo}/masks/", body, json_headers),
            lambda: alice.post(f"/cases/{case}/facts/", page, title="A mole", note=text),
            lambda: _stranger(site, "/withdraw/", "code", text),
            lambda: _stranger(site, "/sign-in/", "login", text),
        ):
            began = time.monotonic()
            try:
                statuses.append(work().status)
            except OSError:
                statuses.append(0)
            took.append(time.monotonic() - began)

    senders = [threading.Thread(target=send, args=(text,), daemon=True) for text in (*TEXTS, SHORT)]
    for sender in senders:
        sender.start()
    pages = [_withdrawal_page(site, number) for number in range(PAGES)]
    for sender in senders:
        sender.join(timeout=120)
    wrong = sorted({status for status in statuses if status == 0 or status >= 500})
    seen, slowest = p95(pages), max(took)
    return [
        Finding(
            "quadratic_text: withdrawal page, p95", f"{seen:.2f} s", f"< {LIMIT_SECONDS:g} s", seen < LIMIT_SECONDS
        ),
        Finding(
            "quadratic_text: slowest", f"{slowest:.1f} s", f"< {OWN_LIMIT_SECONDS:g} s", slowest < OWN_LIMIT_SECONDS
        ),
        Finding("quadratic_text: no answer or 5xx", str(wrong or 0), "0", not wrong),
    ]


def _stranger(site: Site, path: str, field: str, text: str) -> Answer:
    visitor: Visitor = site.visitor(source="127.0.3.1")
    return visitor.post(path, visitor.get(path), **{field: text})


def _withdrawal_page(site: Site, number: int) -> float:
    try:
        answer = site.visitor(source=f"127.0.0.{number + 20}", timeout=10).get("/withdraw/")
    except OSError:
        return float("inf")
    return answer.seconds if answer.status == 200 else float("inf")
