"""Static files: ours, and of each package only what a page loads."""

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
# What packages bring in their own static folders; `flags` are django_countries' pictures, which no page shows.
PACKAGE_FOLDERS = frozenset({"django_htmx", "flags"})


class FolderFinder(FileSystemFinder):
    """Our own folder whole; of the packages (the folders with a prefix) only PACKAGE_FILES."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        """Each file to collect, with where it lies."""
        for path, storage in super().list(ignore_patterns):
            prefix = getattr(storage, "prefix", None)
            if not prefix or str(PurePosixPath(prefix, path)) in PACKAGE_FILES:
                yield path, storage


class AppFinder(AppDirectoriesFinder):
    """The static folders of our apps; of the packages among them only PACKAGE_FILES."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Any]]:
        """Each file to collect, with where it lies."""
        for path, storage in super().list(ignore_patterns):
            if PurePosixPath(path).parts[0] not in PACKAGE_FOLDERS or path in PACKAGE_FILES:
                yield path, storage


class Storage(CompressedManifestStaticFilesStorage):
    """Names by content, inside the imports of our ES modules too, so that no stale module is ever mixed in."""

    support_js_module_import_aggregation = True
