"""URLs of the consent step, the hand-over and the record."""

from django.urls import path

from consults.cases.consenting import code_page, consent_record, views
from consults.cases.consenting.handover import views as handover

urlpatterns = [
    path("cases/<uuid:pk>/consent/", views.consent, name="consent"),
    path("cases/<uuid:pk>/consent/hand-over/", handover.hand_over_start, name="hand_over_start"),
    path("cases/<uuid:pk>/consent/attach/<uuid:consent_pk>/", views.attach, name="attach"),
    path("hand-over/", handover.hand_over, name="hand_over"),
    path("hand-over/back/", handover.hand_back, name="hand_back"),
    path("consents/<uuid:pk>/", consent_record.consent_record, name="consent_record"),
    path("consents/<uuid:pk>/code/", code_page.code, name="code"),
    path("consents/<uuid:pk>/code/given/", code_page.code_given, name="code_given"),
    path("consents/<uuid:pk>/receipt/", code_page.receipt_given, name="receipt"),
    path("consents/<uuid:pk>/receipt.pdf", code_page.receipt_file, name="receipt_file"),
]
