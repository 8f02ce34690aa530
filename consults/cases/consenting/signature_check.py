"""The job that looks at a drawn signature, in the sandbox.

Threat: a drawing that nobody drew, or a picture that harms whoever decodes it. So the sandbox makes it anew from its
pixels, and only that is looked at. A drawing that is no signature keeps its case from being released.
"""

from uuid import UUID

from consent.models import Consent, Signature, SignatureProblem
from consent.records import signatures
from consent.records.recording import mark_signature, read_document
from core.crypto.vault import KeyDestroyed
from imaging import engine

LONGEST_PX = 1600
RETRIED_CODES = ("decoder_died", "detector_failed")


def check_signature(*, consent_id: UUID) -> None:
    """Look at the drawing that signs a consent. Safe to repeat.

    Raises engine.Refused where the machine may be the cause, so that the job is tried again.
    """
    drawings = Consent.objects.filter(signature__in=(Signature.DRAWN, Signature.ORAL)).exclude(document_name="")
    consent = drawings.filter(pk=consent_id).first()
    if consent is None:
        return
    try:
        drawn = engine.preview(read_document(consent=consent), masks=(), longest=LONGEST_PX)
        signatures.check_ink(drawn.data)
    except (KeyDestroyed, FileNotFoundError):  # withdrawn in the meantime
        return
    except engine.Refused as refused:
        if refused.code in RETRIED_CODES:
            raise
        mark_signature(consent=consent, problem=SignatureProblem.UNREADABLE)
    except signatures.TooLittleInk:
        mark_signature(consent=consent, problem=SignatureProblem.NO_INK)
