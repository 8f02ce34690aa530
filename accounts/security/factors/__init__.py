"""Second factors: passkeys, authenticator apps and recovery codes, on top of allauth.mfa, and who needs one where."""
