"""Static files: all of ours, and of each package only those that a page loads."""

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

from django.contrib.staticfiles.finders import AppDirectoriesFinder, FileSystemFinder
from whitenoise.storage import CompressedManifestStaticFilesStorage

# Source maps are named inside the files, so the manifest needs them too.
PACKAGE_FILES = frozenset(
    {
        "bootstrap/css/bootstrap.min.css",
        "bootstrap/css/bootstrap.min.css.map",
        "bootstrap/js/bootstrap.bundle.min.js",
        "bootstrap/js/bootstrap.bundle.min.js.map",
        "django_htmx/django-htmx.js",
        "django_htmx/htmx-2.min.js",
        "konva/konva.min.js",
        "openseadragon/openseadragon.min.js",
        "openseadragon/openseadragon.min.js.map",
        "signature_pad/signature_pad.umd.min.js",
        "signature_pad/signature_pad.umd.min.js.map",
    }
)
# Static folders of packages; `flags` are the pictures of django_countries, which no page shows.
PACKAGE_FOLDERS = frozenset({"django_htmx", "flags"})


class FolderFinder(FileSystemFinder):
    """Finder of all files in our own folder and only PACKAGE_FILES in those of packages (with a prefix)."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        """Yield each file to collect, with its storage."""
        for path, storage in super().list(ignore_patterns):
            prefix = getattr(storage, "prefix", None)
            if not prefix or str(PurePosixPath(prefix, path)) in PACKAGE_FILES:
                yield path, storage


class AppFinder(AppDirectoriesFinder):
    """Finder of the static folders of our apps, and only PACKAGE_FILES in those of packages."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        """Yield each file to collect, with its storage."""
        for path, storage in super().list(ignore_patterns):
            if PurePosixPath(path).parts[0] not in PACKAGE_FOLDERS or path in PACKAGE_FILES:
                yield path, storage


class Storage(CompressedManifestStaticFilesStorage):
    """Storage with content hashes in names, in imports of ES modules too, so that no stale module is loaded."""

    support_js_module_import_aggregation = True
