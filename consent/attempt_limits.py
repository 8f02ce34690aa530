"""Limits on wrong withdrawal codes and PINs, for each connection and for all visitors together.

Threat: somebody who guesses withdrawal codes, or who floods the page so that patients cannot withdraw. A code
has 80 random bits, so the global limit is generous and short: it protects the server, not the code.
Counters live in the shared cache under a keyed digest, never under an address. A file-based cache may lose a
count when two arrive at once; the limit then takes effect a few tries later.
"""

import ipaddress
import math
import time
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

EVERYBODY = "everybody"


@dataclass(frozen=True)
class Limit:
    """At most `max_failures` failures in each window of `seconds`."""

    name: str
    max_failures: int
    seconds: int


WRONG_CODES = Limit(name="code", max_failures=10, seconds=15 * 60)
WRONG_CODES_EVERYWHERE = Limit(name="code-everywhere", max_failures=300, seconds=60)
WRONG_PINS = Limit(name="hand-over-pin", max_failures=5, seconds=5 * 60)


def client_address(request: HttpRequest) -> str:
    """Return the visitor's address; X-Forwarded-For counts only as far as the settings trust proxies."""
    address: str = get_adapter(request).get_client_ip(request)
    if ":" not in address:
        return address
    # One household can choose from a whole IPv6 /64.
    return ":".join(_ipv6_groups(address)[:4])


def seconds_to_wait(*, limit: Limit, who: str) -> int:
    """Return the whole seconds until `who` may try again; 0 when they may now."""
    failures = cache.get(_key(limit, who), 0)
    if failures < limit.max_failures:
        return 0
    return max(1, math.ceil(limit.seconds - time.time() % limit.seconds))


def count_failure(*, limit: Limit, who: str) -> None:
    """Count one failure of `who`."""
    key = _key(limit, who)
    if cache.add(key, 1, timeout=limit.seconds):
        return
    try:
        cache.incr(key)
    except ValueError:  # it expired between the two calls
        cache.set(key, 1, timeout=limit.seconds)
    else:
        cache.touch(key, limit.seconds)  # some backends give an incremented key their own default


def _key(limit: Limit, who: str) -> str:
    window = int(time.time() // limit.seconds)
    return f"limit-{limit.name}-{window}-{salted_hmac('consent.attempt_limits', who).hexdigest()}"


def _ipv6_groups(address: str) -> list[str]:
    return ipaddress.IPv6Address(address.partition("%")[0]).exploded.split(":")
