"""The manifest, with which the reader of an export verifies it."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from audit import keys
from audit.heads import public_key, sign_head
from compliance.audit.rows import COLUMNS
from compliance.exports.request import ExportContext, ExportedFile, attestation_sentence
from imaging.engine import ENGINE_VERSION

MANIFEST_NAME = "manifest.json"


def build_manifest(context: ExportContext, files: list[ExportedFile]) -> dict[str, Any]:
    """Return the manifest.

    Call it after the export's own log entry is written: the head is signed over that entry.
    """
    request, attestation = context.request, context.attestation
    return {
        "export": str(context.export_id),
        "replaces": str(request.replaces.pk) if request.replaces else None,
        "made_at": context.made_at.isoformat(timespec="seconds"),
        "software": {"name": "Rete", "version": software_version(), "pipeline": ENGINE_VERSION},
        "exporter": {"member_id": str(request.by.pk) if request.by else None, "via": request.via},
        "reason": {"code": request.reason, "reference": request.reference},
        "filter": request.wanted.facts(),
        "attestation": {
            "sentence": attestation_sentence(attestation),
            "posts": attestation.cases,
            "visible": attestation.visible,
            "covered": attestation.covered,
            "withdrawn": attestation.withdrawn,
            "exceptions": dict(sorted(attestation.exceptions.items())),
        },
        "files": [vars(file) for file in files],
        "log": {"head": sign_head(), "public_key": public_key(), "keys": keys.statements()},
        "columns": COLUMNS,
    }


@cache
def software_version() -> str:
    """Return the version of this software, from the checkout: the site is never installed as a package."""
    project = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())
    return str(project["project"]["version"])
