"""URLs of moderation, and of changing an own comment."""

from django.urls import path

from consults.moderation import views
from consults.moderation.concerns import views as concerns
from consults.moderation.transparency import views as transparency

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
    path("moderation/reports/<uuid:pk>/again/", views.reopen_report, name="reopen_report"),
    path("reports/mine/", views.my_reports, name="my_reports"),
    path("conduct/report/", concerns.report_conduct, name="report_conduct"),
    path("concerns/", concerns.concerns, name="concerns"),
    path("concerns/<uuid:pk>/", concerns.concern, name="concern"),
    path("concerns/<uuid:pk>/again/", concerns.reopen_concern, name="reopen_concern"),
    path("transparency/", transparency.transparency, name="transparency"),
]
