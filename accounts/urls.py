"""Joining, vetting, one's own page."""

from django.urls import path

from accounts.views import joining, own, vetting

app_name = "accounts"
urlpatterns = [
    path("join/", joining.apply, name="apply"),
    path("join/received/", joining.applied, name="applied"),
    path("join/confirm/<str:token>/", joining.confirm, name="confirm"),
    path("me/", own.me, name="me"),
    path("me/application/", joining.application, name="application"),
    path("me/application/again/", joining.apply_again, name="apply_again"),
    path("me/application/link/", joining.send_link, name="send_link"),
    path("me/application/<uuid:pk>/appeal/", joining.appeal, name="appeal"),
    path("me/questions/<uuid:pk>/", own.vouch, name="vouch"),
    path("applications/", vetting.queue, name="queue"),
    path("applications/<uuid:pk>/", vetting.decide, name="decide"),
    path("applications/<uuid:pk>/step-aside/", vetting.recuse, name="recuse"),
    path("applications/evidence/<uuid:pk>/", vetting.picture, name="evidence"),
    path("members/", vetting.members, name="members"),
    path("members/<uuid:pk>/standing/", vetting.member_standing, name="standing"),
]
