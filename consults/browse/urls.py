"""URLs of browsing: the cases page, saved cases, one case."""

from django.urls import path

from consults.browse import album_page, case_page, group_page, picture_page, saved, views

urlpatterns = [
    path("cases/", views.cases, name="cases"),
    path("cases/saved/", saved.saved, name="saved"),
    path("groups/<uuid:pk>/", group_page.group, name="group"),
    path("albums/<uuid:pk>/", album_page.album, name="album"),
    path("albums/<uuid:pk>/cases/", album_page.album_cases, name="album_cases"),
    path("cases/<uuid:pk>/", case_page.case, name="case"),
    path("cases/<uuid:pk>/pictures/<uuid:photo_pk>/full/", picture_page.full_picture, name="full_picture"),
    path("cases/<uuid:pk>/save/", saved.save, name="save"),
    path("cases/<uuid:pk>/answer/", case_page.answer, name="answer"),
    path("cases/<uuid:pk>/read-only/", case_page.read_only, name="read_only"),
    path("cases/<uuid:pk>/revise/", case_page.revise, name="revise"),
    path("cases/<uuid:pk>/comment/", case_page.comment, name="comment"),
]
