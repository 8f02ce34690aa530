"""Addresses of the consent audit; `consults.urls` includes them."""

from django.urls import path

from consults.consent_audit import views

urlpatterns = [
    path("consent-audit/", views.consent_audit, name="consent_audit"),
    path("consent-audit/summary/", views.summary, name="consent_audit_summary"),
    path("consent-audit/export/", views.export, name="consent_audit_export"),
    path("consent-audit/exports/", views.export_list, name="consent_audit_exports"),
    path("consent-audit/log/", views.check_log, name="consent_audit_log"),
]
