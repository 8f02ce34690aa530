"""Sign-in pages under the URL names that allauth expects; its other pages do not exist here."""

from django.urls import path, re_path

from accounts.security import views

urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="account_login"),
    path("sign-in/factor/", views.GiveFactor.as_view(), name="mfa_authenticate"),
    path("sign-in/passkey/", views.PasskeySignIn.as_view(), name="mfa_login_webauthn"),
    path("sign-out/", views.SignOut.as_view(), name="account_logout"),
    path("password/", views.ChangePassword.as_view(), name="account_change_password"),
    path("password/confirm/", views.Reauthenticate.as_view(), name="account_reauthenticate"),
    path("password/reset/", views.ResetPassword.as_view(), name="account_reset_password"),
    path(
        "password/reset/sent/",
        views.ResetPasswordDone.as_view(),
        name="account_reset_password_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.NewPassword.as_view(),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/",
        views.NewPasswordDone.as_view(),
        name="account_reset_password_from_key_done",
    ),
]
