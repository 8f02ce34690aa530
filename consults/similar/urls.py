"""URLs of similar cases."""

from django.urls import path

from consults.similar import views

urlpatterns = [path("cases/<uuid:pk>/similar/", views.similar, name="similar")]
