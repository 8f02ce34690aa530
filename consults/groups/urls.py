"""URLs of groups."""

from django.urls import path

from consults.groups import views

urlpatterns = [
    path("groups/", views.groups, name="groups"),
    path("groups/<uuid:pk>/", views.group, name="group"),
]
