"""Addresses of withdrawal without an account and of the site's forms.

A withdrawal code never stands in an address; ids are random.
"""

from django.urls import path

from consent.forms import views as form_views
from consent.withdrawal import partial_withdrawal, views

app_name = "consent"
urlpatterns = [
    path("withdraw/", views.withdraw, name="withdraw"),
    path("withdraw/what-happens/", views.effects, name="effects"),
    path("withdraw/confirm/", views.confirm, name="withdraw_confirm"),
    path("withdraw/part/", partial_withdrawal.choose_part, name="part"),
    path("withdraw/part/what-happens/", partial_withdrawal.part_effects, name="part_effects"),
    path("withdraw/part/confirm/", partial_withdrawal.confirm_part, name="part_confirm"),
    path("withdraw/part/picture/<uuid:pk>/", partial_withdrawal.part_picture, name="part_picture"),
    path("withdraw/part/<uuid:pk>/", partial_withdrawal.removed, name="removed"),
    path("withdraw/part/<uuid:pk>/progress/", partial_withdrawal.part_progress, name="part_progress"),
    path("withdraw/part/<uuid:pk>/certificate.pdf", partial_withdrawal.part_certificate, name="part_certificate"),
    path("withdraw/<uuid:pk>/", views.withdrawn, name="withdrawn"),
    path("withdraw/<uuid:pk>/progress/", views.withdrawal_progress, name="withdrawal_progress"),
    path("withdraw/<uuid:pk>/certificate.pdf", views.certificate, name="certificate"),
    path("consent-forms/", form_views.consent_forms, name="forms"),
    path("consent-forms/new/", form_views.new_form, name="form_new"),
    # An address that exported records name: it does not change, and is open to everybody who holds one.
    path("consent-forms/<slug:code>/<int:version>/<str:language>/", form_views.form_text, name="form_text"),
    path("consent-forms/<uuid:pk>/", form_views.consent_form, name="form"),
    path("consent-forms/<uuid:pk>/edit/", form_views.edit_form, name="form_edit"),
    path("consent-forms/<uuid:pk>/publish/", form_views.publish_form, name="form_publish"),
    path("consent-forms/<uuid:pk>/retire/", form_views.retire_form, name="form_retire"),
    path("consent-forms/<uuid:pk>/next/", form_views.next_form, name="form_next"),
    path("consent-forms/<uuid:pk>/discard/", form_views.discard_form, name="form_discard"),
]
