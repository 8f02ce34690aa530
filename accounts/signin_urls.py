"""Signing in, under the names allauth knows; only these of its pages exist here."""

from django.urls import path, re_path

from accounts.views import signin

urlpatterns = [
    path("sign-in/", signin.SignIn.as_view(), name="account_login"),
    path("sign-out/", signin.SignOut.as_view(), name="account_logout"),
    path("password/", signin.ChangePassword.as_view(), name="account_change_password"),
    path("password/confirm/", signin.Confirm.as_view(), name="account_reauthenticate"),
    path("password/reset/", signin.ResetPassword.as_view(), name="account_reset_password"),
    path(
        "password/reset/sent/",
        signin.ResetPasswordDone.as_view(),
        name="account_reset_password_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        signin.NewPassword.as_view(),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/",
        signin.NewPasswordDone.as_view(),
        name="account_reset_password_from_key_done",
    ),
]
