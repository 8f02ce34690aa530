"""URLs of applications, vetting, members and a member's own page."""

from django.urls import path

from accounts.appointments import views as appointing
from accounts.membership import views as membership
from accounts.profiles import views as profiles
from accounts.security.factors import views as factors
from accounts.security.recovery import views as recovery
from accounts.vetting.views import applying, deciding, vouching

app_name = "accounts"
urlpatterns = [
    path("join/", applying.apply, name="apply"),
    path("join/received/", applying.applied, name="applied"),
    path("join/finish/<str:token>/", applying.finish, name="finish"),
    path("join/confirm/<str:token>/", applying.confirm, name="confirm"),
    path("me/", profiles.me, name="me"),
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
    path("applications/", deciding.queue, name="queue"),
    path("applications/<uuid:pk>/", deciding.decide, name="decide"),
    path("applications/<uuid:pk>/step-aside/", deciding.recuse, name="recuse"),
    path("applications/evidence/<uuid:pk>/", deciding.picture, name="evidence"),
    path("people/", appointing.people, name="people"),
    path("people/<uuid:pk>/", appointing.decide, name="appointment"),
    path("members/", membership.members, name="members"),
    path("members/<uuid:pk>/standing/", membership.member_standing, name="standing"),
]
