"""URLs of notices."""

from django.urls import path

from notifications.notices import views
from notifications.push import views as push

app_name = "notifications"
urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_all, name="read_all"),
    path("notices/<uuid:pk>/", views.open_notice, name="open"),
    path("notices/<uuid:pk>/read/", views.read_notice, name="read"),
    path("notices/stop/<str:token>/", views.stop, name="stop"),
    path("notices/worker.js", push.worker, name="worker"),
    path("me/notices/", views.settings, name="settings"),
    path("me/notices/push/", push.subscribe, name="push"),
    path("me/notices/push/<uuid:pk>/remove/", push.unsubscribe, name="push_remove"),
]
