"""All URLs. Public views are marked login_not_required; all others are for signed-in people."""

from django.urls import include, path

from config import guide, health, pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("privacy/", pages.privacy, name="privacy"),
    path("terms/", pages.terms, name="terms"),
    path("guide/", guide.guides, name="guides"),
    path("guide/patient/", guide.patient, name="guide_patient"),
    path("guide/<slug:role>/", guide.guide, name="guide"),
    path("healthz/", health.health, name="health"),
    path("token/", pages.token, name="token"),
    path("language/", pages.language, name="language"),
    path("", include("accounts.security.urls")),
    path("", include("accounts.urls")),
    path("", include("notifications.urls")),
    path("", include("consent.urls")),
    path("", include("consults.urls")),
    path("", include("compliance.urls")),
]
