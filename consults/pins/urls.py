"""URLs of pins."""

from django.urls import path

from consults.pins import views

urlpatterns = [
    path("cases/<uuid:pk>/pins/", views.pins, name="pins"),
    path("cases/<uuid:pk>/pins/<int:number>/remove/", views.remove_pin, name="remove_pin"),
]
