"""URLs of applications, vetting, members and a member's own page."""

from django.urls import path

from accounts.appointments import views as appointing
from accounts.conduct import views as conduct
from accounts.leaving import views as leaving
from accounts.membership import views as membership
from accounts.membership.supervision import views as supervision
from accounts.membership.suspension import views as suspension
from accounts.membership.yearly import views as yearly
from accounts.profiles import editing, orcid_views
from accounts.profiles import views as profiles
from accounts.security import address_pages, session_pages
from accounts.security.factors import views as factors
from accounts.security.recovery import views as recovery
from accounts.vetting.rechecks import views as rechecking
from accounts.vetting.views import applying, changing, deciding, vouching

app_name = "accounts"
urlpatterns = [
    path("join/", applying.apply, name="apply"),
    path("join/received/", applying.applied, name="applied"),
    path("join/finish/<str:token>/", applying.finish, name="finish"),
    path("join/confirm/<str:token>/", applying.confirm, name="confirm"),
    path("me/", profiles.me, name="me"),
    path("me/profile/", editing.edit, name="profile_edit"),
    path("me/profile/portrait/", editing.send_portrait, name="send_portrait"),
    path("me/profile/portrait/remove/", editing.remove_portrait, name="remove_portrait"),
    path("me/profile/orcid/", orcid_views.connect, name="orcid_connect"),
    path("me/profile/orcid/remove/", orcid_views.disconnect, name="orcid_disconnect"),
    path("me/profile/<slug:kind>/new/", editing.add_line, name="line_new"),
    path("me/profile/<slug:kind>/<uuid:pk>/", editing.edit_line, name="line"),
    path("me/profile/<slug:kind>/<uuid:pk>/delete/", editing.delete_line, name="line_delete"),
    path("me/profile/<slug:kind>/<uuid:pk>/move/", editing.move_line, name="line_move"),
    path("sign-in/orcid/", orcid_views.sign_in, name="orcid_sign_in"),
    path("sign-in/orcid/back/", orcid_views.come_back, name="orcid_back"),
    path("me/security/", factors.security, name="me_security"),
    path("me/security/passkey/", factors.add_passkey, name="me_passkey_add"),
    path("me/security/passkey/<int:pk>/", factors.rename_passkey, name="me_passkey"),
    path("me/security/factor/<int:pk>/remove/", factors.remove, name="me_factor_remove"),
    path("me/security/app/", factors.add_app, name="me_app_add"),
    path("me/security/codes/", factors.codes_page, name="me_codes"),
    path("me/security/codes/kept/", factors.codes_kept, name="me_codes_kept"),
    path("me/security/codes/new/", factors.make_codes, name="me_codes_make"),
    path("sign-in/lost/", recovery.lost, name="lost_factors"),
    path("sign-in/lost/asked/", recovery.asked, name="lost_factors_asked"),
    path("sign-in/lost/<str:token>/", recovery.link, name="recovery_link"),
    path("recoveries/", recovery.queue, name="recoveries"),
    path("recoveries/<uuid:pk>/", recovery.decide, name="recovery"),
    path("me/application/", applying.application, name="application"),
    path("me/application/again/", applying.apply_again, name="apply_again"),
    path("me/application/link/", applying.send_link, name="send_link"),
    path("me/application/picture/", applying.send_picture, name="send_picture"),
    path("me/application/<uuid:pk>/appeal/", applying.appeal, name="appeal"),
    path("me/questions/<uuid:pk>/", vouching.vouch, name="vouch"),
    path("me/conduct/", conduct.overview, name="conduct"),
    path("me/conduct/guidelines/", conduct.guidelines, name="conduct_guidelines"),
    path("me/conduct/case/", conduct.case, name="conduct_case"),
    path("me/conduct/case/<slug:key>/", conduct.explained, name="conduct_explained"),
    path("me/conduct/<uuid:pk>/certificate.pdf", conduct.pdf, name="conduct_certificate"),
    path("conduct/figures/", conduct.module_figures, name="conduct_figures"),
    path("certificate/", conduct.check, name="conduct_check"),
    path("certificate/<uuid:pk>/", conduct.checked, name="conduct_checked"),
    path("me/sessions/", session_pages.show, name="sessions"),
    path("me/sessions/end/", session_pages.end, name="end_session"),
    path("me/address/", address_pages.change, name="address"),
    path("me/address/stop/", address_pages.stop, name="stop_address"),
    path("address/<str:token>/", address_pages.answer, name="confirm_address"),
    path("me/data/", leaving.my_data, name="my_data"),
    path("me/data/file/", leaving.data_file, name="data_file"),
    path("me/data/delete/", leaving.delete_data, name="delete_data"),
    path("me/leave/", leaving.leave, name="leave"),
    path("me/leave/stop/", leaving.stay, name="stay"),
    path("applications/", deciding.queue, name="queue"),
    path("applications/rechecks/", rechecking.rechecks, name="rechecks"),
    path("applications/rechecks/<uuid:pk>/", rechecking.recheck, name="recheck"),
    path("applications/<uuid:pk>/", deciding.decide, name="decide"),
    path("applications/<uuid:pk>/step-aside/", deciding.recuse, name="recuse"),
    path("applications/evidence/<uuid:pk>/", deciding.picture, name="evidence"),
    path("people/", appointing.people, name="people"),
    path("people/<uuid:pk>/", appointing.decide, name="appointment"),
    path("members/", profiles.members, name="directory"),
    path("members/standing/", suspension.members, name="members"),
    path("members/following/", profiles.following, name="following"),
    path("members/portraits/<uuid:pk>/<int:size>/", profiles.portrait, name="portrait"),
    path("members/<uuid:pk>/", profiles.profile, name="profile"),
    path("members/<uuid:pk>/follow/", profiles.follow, name="follow"),
    path("members/<uuid:pk>/standing/", suspension.member_standing, name="standing"),
    path("me/membership/", membership.membership, name="membership"),
    path("me/membership/confirm/", yearly.confirm_year, name="confirm_year"),
    path("me/membership/change/", changing.change, name="change"),
    path("me/supervisor/", supervision.ask_supervisor, name="ask_supervisor"),
    path("me/supervisor/<uuid:pk>/take-back/", supervision.cancel_question, name="cancel_question"),
    path("me/supervision/<uuid:pk>/", supervision.answer_question, name="answer_question"),
    path("me/residents/<uuid:pk>/step-back/", supervision.step_back, name="step_back"),
    path("checks/", yearly.checks, name="checks"),
    path("checks/<uuid:pk>/", yearly.check, name="check"),
    path("suspended/<str:token>/", suspension.suspension, name="suspension"),
]
