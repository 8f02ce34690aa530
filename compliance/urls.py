"""Addresses of the consent audit."""

from django.urls import path

from compliance.audit import marks, views

app_name = "compliance"
urlpatterns = [
    path("consent-audit/", views.consent_audit, name="consent_audit"),
    path("consent-audit/summary/", views.summary, name="consent_audit_summary"),
    path("consent-audit/figures/", views.figures, name="consent_audit_figures"),
    path("consent-audit/export/", views.export, name="consent_audit_export"),
    path("consent-audit/exports/", views.export_list, name="consent_audit_exports"),
    path("consent-audit/log/", views.check_log, name="consent_audit_log"),
    path("consent-audit/mark/", marks.viewer_mark, name="viewer_mark"),
]
