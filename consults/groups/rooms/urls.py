"""URLs of groups' rooms. The page of an album shows cases, and is in `consults.browse`."""

from django.urls import path

from consults.groups.rooms import desk, views

urlpatterns = [
    path("groups/<uuid:pk>/room/", views.room, name="room"),
    path("groups/<uuid:pk>/board/", views.board, name="board"),
    path("groups/<uuid:pk>/board/<slug:kind>/", views.post_new, name="post_new"),
    path("groups/<uuid:pk>/desk/", desk.room_desk, name="room_desk"),
    path("posts/<uuid:pk>/", views.post, name="post"),
    path("posts/<uuid:pk>/vote/", views.post_vote, name="post_vote"),
    path("posts/<uuid:pk>/edit/", views.post_edit, name="post_edit"),
    path("posts/<uuid:pk>/meeting.ics", views.post_calendar, name="post_calendar"),
    path("posts/<uuid:pk>/report/", desk.post_report, name="post_report"),
    path("posts/<uuid:pk>/hide/", desk.post_hide, name="post_hide"),
    path("posts/<uuid:pk>/history/", desk.post_history, name="post_history"),
    path("post-holds/<uuid:pk>/", desk.post_hold, name="post_hold"),
    path("post-reports/<uuid:pk>/", desk.dismiss_post_report, name="dismiss_post_report"),
]
