"""ORCID's two endpoints on loopback: real HTTP, codes that are used once, PKCE and the client's secret checked."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT, SECRET = "APP-TEST", "a-secret"
CARBERRY = "0000-0002-1825-0097"


class FakeOrcid:
    """What it is asked, whom it vouches for, and how it misbehaves: `claims` and `answer` are laid over the truth."""

    def __init__(self) -> None:
        self.who = CARBERRY
        self.denies = False
        self.status = 200
        self.claims: dict[str, Any] = {}
        self.answer: dict[str, Any] = {}
        self.body: bytes | None = None
        self.codes: dict[str, dict[str, str]] = {}
        self.token_requests = 0
        self.address = ""

    def authorize(self, asked: dict[str, str]) -> str:
        """Return where the browser is sent: back, with a code or a refusal."""
        assert asked["client_id"] == CLIENT
        assert (asked["response_type"], asked["scope"], asked["code_challenge_method"]) == ("code", "openid", "S256")
        if self.denies:
            back = {"error": "access_denied", "state": asked["state"]}
        else:
            code = secrets.token_urlsafe(6)
            self.codes[code] = asked
            back = {"code": code, "state": asked["state"]}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def token(self, sent: dict[str, str]) -> tuple[int, bytes]:
        """Return status and body of the answer to a code."""
        self.token_requests += 1
        asked = self.codes.pop(sent.get("code", ""), None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        holds = (
            asked is not None
            and asked["code_challenge"] == challenge
            and asked["redirect_uri"] == sent["redirect_uri"]
            and (sent["client_id"], sent["client_secret"]) == (CLIENT, SECRET)
            and sent["grant_type"] == "authorization_code"
        )
        if not holds or asked is None:
            return 400, b'{"error": "invalid_grant"}'
        claims = {
            "iss": self.address, "aud": CLIENT, "sub": self.who, "nonce": asked["nonce"], "exp": int(time.time()) + 600
        } | self.claims  # fmt: skip
        answer = {"access_token": "unused", "orcid": self.who, "id_token": token_of(claims)} | self.answer
        return self.status, self.body if self.body is not None else json.dumps(answer).encode()


def token_of(claims: Any) -> str:
    """An unsigned JSON Web Token."""
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{part}.c2ln"


@contextmanager
def running() -> Iterator[FakeOrcid]:
    """Serve it on a free port of loopback."""
    fake = FakeOrcid()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            self.send_response(302)
            self.send_header("Location", fake.authorize(asked))
            self.end_headers()

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, body = fake.token({name: values[0] for name, values in parse_qs(sent).items()})
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
