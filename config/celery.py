"""The Celery application. Messages carry ids only; the row of a job is authoritative (core.jobs)."""

import os
import warnings

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Celery warns about root because of pickled messages. Ours are JSON with ids only, and the imaging sandbox decodes
# pictures under its own user id.
warnings.filterwarnings("ignore", message=r"\s*You're running the worker with superuser privileges")

app = Celery("rete")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
