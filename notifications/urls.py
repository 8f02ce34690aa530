"""URLs of notices."""

from django.urls import path

from notifications.notices import views

app_name = "notifications"
urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_all, name="read_all"),
    path("notices/<uuid:pk>/", views.open_notice, name="open"),
    path("notices/<uuid:pk>/read/", views.read_notice, name="read"),
    path("notices/stop/<str:token>/", views.stop, name="stop"),
    path("me/notices/", views.settings, name="settings"),
]
