"""URLs of closing a case."""

from django.urls import path

from consults.discussion import views

urlpatterns = [
    path("cases/<uuid:pk>/close/", views.close_case, name="close"),
]
