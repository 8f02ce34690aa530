"""Addresses of cases. Every id in them is random."""

from django.urls import include, path

from consults.consent_audit.urls import urlpatterns as consent_audit
from consults.handover import views as handover
from consults.urls_reading import urlpatterns as reading
from consults.views import consent, consent_record, media, new, pictures, studio, uploads

app_name = "consults"

case = "cases/<uuid:pk>/"
photo = f"{case}pictures/<uuid:photo_pk>/"

urlpatterns = [
    path("m/<uuid:pk>/", media.picture, name="picture"),
    path("cases/new/", new.new, name="new"),
    path("cases/mine/", new.mine, name="mine"),
    path(f"{case}facts/", new.facts, name="facts"),
    path(f"{case}check/", new.check, name="check"),
    path(f"{case}take-back/", new.take_back, name="take_back"),
    path(f"{case}discard/", new.discard, name="discard"),
    path(f"{case}retract/", new.retract, name="retract"),
    path(f"{case}consent/", consent.consent, name="consent"),
    path(f"{case}consent/hand-over/", handover.hand_over_start, name="hand_over_start"),
    path("hand-over/", handover.hand_over, name="hand_over"),
    path("hand-over/back/", handover.hand_back, name="hand_back"),
    path("consents/<uuid:pk>/", consent_record.consent_record, name="consent_record"),
    path("consents/<uuid:pk>/receipt/", consent.receipt_pdf, name="receipt"),
    path(f"{case}pictures/", pictures.pictures, name="pictures"),
    path(f"{case}pictures/upload/", uploads.upload, name="upload"),
    path(f"{case}pictures/order/", pictures.arrange_pictures, name="arrange_pictures"),
    path(f"{case}pictures/progress/", pictures.picture_progress, name="picture_progress"),
    path(f"{photo}about/", pictures.about_picture, name="about_picture"),
    path(f"{photo}move/", pictures.move_picture, name="move_picture"),
    path(f"{photo}remove/", pictures.remove_picture, name="remove_picture"),
    path(f"{photo}retry/", pictures.retry_picture, name="retry_picture"),
    path(f"{photo}reopen/", pictures.reopen_picture, name="reopen_picture"),
    path(photo, studio.studio, name="studio"),
    path(f"{photo}masks/", studio.save_masks, name="save_masks"),
    path(f"{photo}masks/copy/", studio.copy_masks, name="copy_masks"),
    path(f"{photo}receipt/", studio.mask_receipt, name="mask_receipt"),
    path(f"{photo}preview/", studio.preview, name="preview"),
    path(f"{photo}result/", studio.result, name="result"),
    path("", include(consent_audit)),
    path("", include(reading)),
]
