"""The Celery application. Messages carry ids only; the truth of a job is its row (core.jobs)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("rete")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
