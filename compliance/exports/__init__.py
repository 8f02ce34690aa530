"""The audit as files to take away: CSV, XLSX, FHIR bundle, PDF dossier, and a manifest that vouches for them.

The rows are read once and go to all files at the same time, so that the files say the same; memory stays flat
however many rows there are. Nothing of an export stays here but a record of it (`kept`).
"""

from compliance.exports.manifest import MANIFEST_NAME
from compliance.exports.request import FORMATS, Attested, Order, attestation_sentence
from compliance.exports.writing import Export, write
from compliance.exports.zip_stream import ZipStream

__all__ = [
    "FORMATS",
    "MANIFEST_NAME",
    "Attested",
    "Export",
    "Order",
    "ZipStream",
    "attestation_sentence",
    "write",
]
