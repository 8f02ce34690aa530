"""The Celery application. Messages carry ids only; the truth of a job is its row (core.jobs)."""

import os
import warnings

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

# Celery warns of root because of pickled messages. Ours are JSON with ids only, and pictures are read by the
# imaging sandbox under an identity of its own.
warnings.filterwarnings("ignore", message=r"\s*You're running the worker with superuser privileges")

app = Celery("rete")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
