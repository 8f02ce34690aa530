"""URLs of second reads."""

from django.urls import path

from consults.cases.review import views

urlpatterns = [
    path("second-reads/", views.second_reads, name="second_reads"),
    path("second-reads/<uuid:pk>/", views.second_read, name="second_read"),
]
