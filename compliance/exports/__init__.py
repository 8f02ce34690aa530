"""Exports of the audit: CSV, XLSX, FHIR bundle, PDF dossier, and a manifest that authenticates them.

The rows are read once and written to all files at the same time, so that the files agree; memory stays flat
for any number of rows. Only a record of an export is kept here (`compliance.models`).
"""

from compliance.exports.manifest import MANIFEST_NAME
from compliance.exports.request import FORMATS, ExportContext, ExportRequest, attestation_sentence
from compliance.exports.writing import Export, write_export
from compliance.exports.zip_stream import ZipStream

__all__ = [
    "FORMATS",
    "MANIFEST_NAME",
    "Export",
    "ExportContext",
    "ExportRequest",
    "ZipStream",
    "attestation_sentence",
    "write_export",
]
