"""The audit's codes in plain words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

EXCEPTIONS: dict[str, str | Promise] = {
    "uncovered": _("Visible without a consent that covers its audience"),
    "withdrawn_visible": _("Withdrawn and still visible"),
    "bytes_changed": _("A picture is not the one that was reviewed"),
    "log_differs": _("The pictures differ from those in the log"),
    "not_in_log": _("The log has no line of its release"),
    "approved_by_author": _("Released by its own author"),
    "destroyed_late": _("Not destroyed within 15 minutes of the withdrawal"),
    "hidden": _("Published, but hidden from members today"),
    "form_changed": _("The form's text does not match its fingerprint"),
    "signed_late": _("Signed after it was first visible"),
    "other_pictures": _("The patient saw other pictures than those released"),
    "no_witness": _("No witness, though there was an interpreter, a form read aloud or a spoken consent"),
}
GRAVE = frozenset(
    {"uncovered", "withdrawn_visible", "bytes_changed", "log_differs", "not_in_log", "approved_by_author"}
)

BLOCKERS: dict[str, str | Promise] = {
    "withdrawn": _("The consent was withdrawn"),
    "clinician_left": _("The clinician has left this site; the consent stands"),
    "changed_since_release": _("It changed after it was released"),
    "held": _("A moderator has hidden it"),
    "no_consent": _("There is no consent"),
    "model_has_patient": _("It is called an education model, but a patient was asked"),
    "consent_not_active": _("The consent is no longer active"),
    "consent_audience": _("The consent does not allow this audience"),
    "consent_child": _("The patient is a child, and the consent is not a guardian's"),
    "consent_assent": _("The child was not asked"),
    "consent_adult": _("The patient has come of age, and the consent is a guardian's"),
    "consent_face": _("A face is uncovered, which the patient did not allow"),
    "consent_mark": _("A mark is visible, which the patient did not allow"),
    "consent_pictures": _("The pictures changed since the patient saw them"),
    "exemption_off": _("The site no longer makes the exception for histology"),
    "exemption_pictures": _("Not every picture is histology"),
    "exemption_feature": _("Something that could identify is visible, without a consent"),
    "author": _("The author's membership is not active"),
    "author_rights": _("The author may not post"),
    "group": _("The author left the group"),
    "identifier": _("A text holds something that could identify a person"),
    "facts": _("Facts are missing"),
    "no_pictures": _("It has no pictures"),
}

REASONS: dict[str, str | Promise] = {
    "internal_review": _("Internal review"),
    "patient_request": _("A patient's request"),
    "regulator": _("A supervisory authority or ethics committee"),
    "incident": _("An incident"),
    "legal": _("A legal claim"),
}

FORMAT_WORDS: dict[str, str | Promise] = {
    "csv": _("CSV, a table for any program"),
    "xlsx": _("Excel workbook (XLSX)"),
    "pdf": _("PDF dossier with the attestation"),
    "fhir": _("FHIR R4 bundle (JSON) for other systems"),
}
