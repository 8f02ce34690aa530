"""URLs of the sensitive class."""

from django.urls import path

from consults.cases.sensitive import views

urlpatterns = [
    path("cases/<uuid:pk>/show-pictures/", views.ask_to_see, name="ask_to_see"),
    path("cases/<uuid:pk>/sensitive/", views.mark_sensitive, name="mark_sensitive"),
]
