"""One member uploads as many pictures as they may, while a patient of another case withdraws."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

from bench.attack import Finding
from bench.attack.plant import keys_destroyed_after, publish, withdraw
from bench.attack.site import Site, Visitor
from bench.picture import picture

CASES, PICTURES = 2, 20
PIECE_BYTES = 1024 * 1024
LIMIT_SECONDS = 15.0


def attack(site: Site) -> list[Finding]:
    """Fill the queue with inspections, then withdraw."""
    (made,) = publish(site, cases=1)
    bob = site.member("bob")
    token = bob.get("/token/").text.partition('"token": "')[2].partition('"')[0]
    data = picture()
    for _case in range(CASES):
        found = re.search(r"/cases/([0-9a-f-]{36})/pictures/", bob.get("/cases/new/").text)
        assert found is not None
        case = found[1]
        with ThreadPoolExecutor(3) as senders:
            list(senders.map(lambda _number, case=case: upload(bob, case, data, token=token), range(PICTURES)))
    withdraw(site.visitor(), code=made["code"])
    keys = keys_destroyed_after(site, consent=made["consent"], seconds=120)
    waiting = site.rows("SELECT count(*) FROM core_job WHERE kind = 'imaging.inspect' AND state = 'queued'")[0][0]
    wanted = made["consent"].replace("-", "")
    whole = "SELECT 1 FROM consent_withdrawal WHERE consent_id = ? AND completed_at IS NOT NULL"
    done = site.until(lambda: site.rows(whole, wanted), seconds=60)
    total = float("inf") if done is None else keys + done
    return [
        Finding(
            "purge_behind_inspections: keys destroyed",
            f"{keys:.1f} s",
            f"< {LIMIT_SECONDS:g} s",
            keys < LIMIT_SECONDS,
        ),
        Finding(
            "purge_behind_inspections: all destroyed",
            f"{total:.1f} s",
            f"< {LIMIT_SECONDS:g} s",
            total < LIMIT_SECONDS,
        ),
        Finding("purge_behind_inspections: still waiting", str(waiting), "> 0, or nothing is proved", waiting > 0),
    ]


def upload(member: Visitor, case: str, data: bytes, *, token: str) -> None:
    """Upload one file in pieces, as the page does."""
    key = str(uuid.uuid4())
    for offset in range(0, len(data), PIECE_BYTES):
        headers = {
            "Idempotency-Key": key,
            "Upload-Offset": str(offset),
            "Upload-Length": str(len(data)),
            "X-CSRFToken": token,
            "Content-Type": "application/octet-stream",
        }
        piece = data[offset : offset + PIECE_BYTES]
        answer = member.send("PUT", f"/cases/{case}/pictures/upload/", piece, headers)
        assert answer.status in (200, 201), answer.status
