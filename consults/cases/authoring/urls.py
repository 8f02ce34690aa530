"""URLs of the steps of a new case."""

from django.urls import path

from consults.cases.authoring import diagnosis_lookup, frames, pictures, studio, uploads, views

case = "cases/<uuid:pk>/"
photo = f"{case}pictures/<uuid:photo_pk>/"

urlpatterns = [
    path("cases/new/", views.new, name="new"),
    path("cases/mine/", views.mine, name="mine"),
    path(f"{case}facts/", views.facts, name="facts"),
    path(f"{case}check/", views.check, name="check"),
    path(f"{case}take-back/", views.take_back, name="take_back"),
    path(f"{case}discard/", views.discard, name="discard"),
    path(f"{case}retract/", views.retract, name="retract"),
    path(f"{case}pictures/", pictures.pictures, name="pictures"),
    path(f"{case}pictures/upload/", uploads.upload, name="upload"),
    path(f"{case}pictures/order/", pictures.arrange_pictures, name="arrange_pictures"),
    path(f"{case}pictures/progress/", pictures.picture_progress, name="picture_progress"),
    path(f"{photo}about/", pictures.about_picture, name="about_picture"),
    path(f"{photo}move/", pictures.move_picture, name="move_picture"),
    path(f"{photo}remove/", pictures.remove_picture, name="remove_picture"),
    path(f"{photo}retry/", pictures.retry_picture, name="retry_picture"),
    path(f"{photo}frames/", frames.choose_frames, name="choose_frames"),
    path(f"{photo}frames/<int:number>/", frames.frame_preview, name="frame_preview"),
    path(f"{photo}reopen/", pictures.reopen_picture, name="reopen_picture"),
    path(photo, studio.studio, name="studio"),
    path(f"{photo}masks/", studio.save_masks, name="save_masks"),
    path(f"{photo}masks/copy/", studio.copy_masks, name="copy_masks"),
    path(f"{photo}receipt/", studio.mask_receipt, name="mask_receipt"),
    path(f"{photo}preview/", studio.preview, name="preview"),
    path(f"{photo}result/", studio.result, name="result"),
    path("vocabulary/diagnoses/", diagnosis_lookup.diagnoses, name="diagnoses"),
    path("vocabulary/tags/", diagnosis_lookup.tags, name="tags"),
]
