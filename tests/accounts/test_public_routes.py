"""Every address that somebody without an account can open. A new one is added here, on purpose, or not at all."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

# name -> why it is open
PUBLIC = {
    "home": "what this is",
    "privacy": "what is kept, where, for how long",
    "terms": "what a member agrees to",
    "guides": "which guides there are",
    "guide_patient": "patients have no account",
    "health": "a word for a monitor: whether a destruction is late",
    "language": "choose the language",
    "account_login": "sign in",
    "mfa_authenticate": "the second page of a sign-in",
    "mfa_login_webauthn": "sign in with a passkey",
    "accounts:lost_factors": "whoever lost everything cannot sign in",
    "accounts:lost_factors_asked": "the same answer for every address",
    "accounts:recovery_link": "holds a signed link",
    "account_logout": "signing out twice is no error",
    "account_reset_password": "ask for a new password",
    "account_reset_password_done": "the same answer for every address",
    "account_reset_password_from_key": "holds a one-time key",
    "account_reset_password_from_key_done": "says that it is changed",
    "accounts:apply": "apply to join",
    "accounts:applied": "the same answer for every address",
    "accounts:finish": "holds a signed link",
    "accounts:confirm": "holds a signed link",
    "accounts:conduct_check": "whoever holds a certificate checks it by number and name",
    "accounts:conduct_checked": "a random id, found by number and name of a certificate",
    "accounts:orcid_sign_in": "sign in; only where the site is registered with ORCID",
    "accounts:orcid_back": "the way back from ORCID, bound to the attempt in the session",
    "accounts:suspension": "holds a signed link; the suspended cannot sign in",
    "accounts:confirm_address": "holds a signed link",
    "notifications:stop": "holds a signed link; a mail program opens it",
    "notifications:worker": "a browser asks for it by itself; it holds two sentences",
    "consent:form_text": "exported records name it, and patients signed it",
    "consent:withdraw": "patients have no account",
    "consent:withdraw_confirm": "holds the code of a patient",
    "consent:withdrawn": "a random id, made when a code was used",
    "consent:withdrawal_progress": "a random id, made when a code was used",
    "consent:certificate": "a random id, made when a code was used",
    "consent:effects": "shows what the code in the session opens",
    "consent:part_effects": "shows what the code in the session opens",
    "consent:part": "holds the code of a patient",
    "consent:part_picture": "shows what the code in the session opens, masked",
    "consent:part_confirm": "holds the code of a patient",
    "consent:part_progress": "a random id, made when a code was used",
    "consent:removed": "a random id, made when a code was used",
    "consent:part_certificate": "a random id, made when a code was used",
}


def routes(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, object]]:
    """Every named view of the resolver with its callback."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from routes(entry, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name or entry.pattern}", entry.callback


def test_public_routes_are_these_and_no_others() -> None:
    public = {name for name, view in routes(get_resolver()) if not getattr(view, "login_required", True)}
    assert public == set(PUBLIC)
