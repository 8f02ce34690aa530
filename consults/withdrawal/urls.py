"""URLs of withdrawing a case and of redactions after a withdrawal."""

from django.urls import path

from consults.withdrawal import views

urlpatterns = [
    path("cases/<uuid:pk>/withdraw/", views.withdraw_case, name="withdraw_case"),
    path("redactions/", views.redactions, name="redactions"),
    path("redactions/<uuid:pk>/", views.decide_redaction, name="decide_redaction"),
]
