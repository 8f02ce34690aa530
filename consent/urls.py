"""Withdrawal without an account. A code never stands in an address; a withdrawal's own id is random."""

from django.urls import path

from consent import views

app_name = "consent"
urlpatterns = [
    path("withdraw/", views.withdraw, name="withdraw"),
    path("withdraw/confirm/", views.confirm, name="withdraw_confirm"),
    path("withdraw/<uuid:pk>/", views.withdrawn, name="withdrawn"),
    path("withdraw/<uuid:pk>/progress/", views.progress_of, name="withdrawal_progress"),
    path("withdraw/<uuid:pk>/certificate.pdf", views.certificate, name="certificate"),
]
