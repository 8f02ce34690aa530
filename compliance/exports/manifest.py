"""What the reader of an export needs to trust it."""

import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from django.conf import settings

from audit import keys
from audit.heads import public_key, sign_head
from compliance.audit.rows import COLUMNS
from compliance.exports.request import Attested, File, attestation_sentence
from imaging.engine import ENGINE_VERSION

MANIFEST_NAME = "manifest.json"


def manifest(about: Attested, files: list[File]) -> dict[str, Any]:
    """Call it after the export's own line stands in the log: the head is signed over that line."""
    order, attestation = about.order, about.attestation
    return {
        "export": str(about.export_id),
        "replaces": str(order.replaces.pk) if order.replaces else None,
        "made_at": about.made_at.isoformat(timespec="seconds"),
        "software": {"name": "Rete", "version": software_version(), "pipeline": ENGINE_VERSION},
        "exporter": {"member_id": str(order.by.pk) if order.by else None, "via": order.via},
        "reason": {"code": order.reason, "reference": order.reference},
        "filter": order.wanted.facts(),
        "attestation": {
            "sentence": attestation_sentence(attestation),
            "posts": attestation.posts,
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
    """The version of this software, from the installed package or from the checkout."""
    try:
        return metadata.version("rete")
    except metadata.PackageNotFoundError:
        project = tomllib.loads((Path(settings.BASE_DIR) / "pyproject.toml").read_text())
        return str(project["project"]["version"])
