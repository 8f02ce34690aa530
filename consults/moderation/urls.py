"""URLs of moderation, and of changing an own comment."""

from django.urls import path

from consults.moderation import views

urlpatterns = [
    path("cases/<uuid:pk>/report/", views.report_case, name="report_case"),
    path("cases/<uuid:pk>/hide/", views.hide_case, name="hide_case"),
    path("comments/<uuid:pk>/report/", views.report_comment, name="report_comment"),
    path("comments/<uuid:pk>/hide/", views.hide_comment, name="hide_comment"),
    path("comments/<uuid:pk>/edit/", views.edit_comment, name="edit_comment"),
    path("comments/<uuid:pk>/history/", views.comment_history, name="comment_history"),
    path("moderation/", views.moderation, name="moderation"),
    path("moderation/cases/<uuid:pk>/", views.case_hold, name="case_hold"),
    path("moderation/comments/<uuid:pk>/", views.comment_hold, name="comment_hold"),
    path("moderation/reports/<uuid:pk>/", views.dismiss_report, name="dismiss_report"),
]
