"""Browsers, systems and networks, as coarse as they are shown."""

import pytest
from django.test import RequestFactory

from accounts.security.devices import device_of

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"
AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox · Windows",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36": "Chrome · Windows",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36 Edg/141.0.0.0": "Edge · Windows",
    f"Mozilla/5.0 (X11; Linux x86_64) {CHROME} Safari/537.36 OPR/120.0.0.0": "Opera · Linux",
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {CHROME} Safari/537.36": "Chrome · ChromeOS",
    f"Mozilla/5.0 (Linux; Android 15; SM-S921B) {CHROME} Mobile Safari/537.36": "Chrome · Android",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36": (
        "Samsung Internet · Android"
    ),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
    "Safari/605.1.15": "Safari · macOS",
    "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/141.0 Mobile "
    "Safari/604.1": "Chrome · iPad",
    "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0": "Firefox · Android",
    "curl/8.5.0": "",
    "<script>alert(1)</script> Windows": "Windows",
    "x" * 100_000: "",
    "": "",
}


@pytest.mark.parametrize(("agent", "name"), AGENTS.items(), ids=range(len(AGENTS)))
def test_browser_and_system(agent: str, name: str) -> None:
    assert device_of(RequestFactory(headers={"User-Agent": agent}).get("/")).name == name


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:77:88::5", "2001:db8:77::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("127.0.0.1", "127.0.0.0/24"),
        ("", ""),
        ("a socket", ""),
    ],
)
def test_no_network_is_finer_than_its_prefix(address: str, network: str) -> None:
    assert device_of(RequestFactory(REMOTE_ADDR=address).get("/")).network == network


@pytest.mark.parametrize(("proxies", "network"), [(0, "127.0.0.0/24"), (1, "203.0.113.0/24")])
def test_a_forwarded_address_counts_behind_a_proxy_only(settings: object, proxies: int, network: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    assert device_of(RequestFactory(headers=headers).get("/")).network == network
