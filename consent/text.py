"""The standard consent text that ships with Rete. Published once by a migration; never edited in place."""

CODE = "rete-standard"
VERSION = 1
LANGUAGE = "en"
TITLE = "Consent to share pictures of you with vetted clinicians"
TEXT = """\
Your clinician would like to ask colleagues for their opinion on your skin condition. To do that, pictures of \
you and a short description would be shown on Rete, a closed website. Only dermatologists, \
dermatopathologists and other clinicians whose identity was checked by two moderators can see it.

Before anyone sees a picture, your eyes are always covered, the position, date and camera data are removed, \
and your clinician checks the result. Your name, your exact dates and your record number are never entered.

You decide for each use below. Nothing is allowed unless you tick it. Your pictures are never used for \
advertising.

Please read these points:

- Covering the eyes and removing data lowers the chance that someone recognises you. It cannot be guaranteed \
that nobody ever will.
- A picture that was shown on a screen can be copied. What a person has copied cannot always be recalled.
- A closed group may not stay closed. Members are checked, but no check is perfect.
- If you say no, your care stays the same.
- You can withdraw at any time, without a reason and without an account: with the code on your receipt, or \
through your clinician. The pictures are then hidden at once and destroyed.
- You receive a copy of this form and a receipt with your withdrawal code.
"""
