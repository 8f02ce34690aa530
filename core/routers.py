"""Which database a model lives in."""

from typing import Any

from django.db.models import Model

KEYS = "keys"
DEFAULT = "default"


def _home(app_label: str, model_name: str | None) -> str:
    return KEYS if (app_label, model_name) == ("core", "datakey") else DEFAULT


class KeysRouter:
    """Data keys on the alias `keys`, everything else on `default`.

    Threat: a restored backup of the main database bringing back a key that a withdrawal destroyed.
    """

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        """The alias a model is read from."""
        return _home(model._meta.app_label, model._meta.model_name)

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        """The alias a model is written to."""
        return self.db_for_read(model)

    def allow_relation(self, first: Model, second: Model, **hints: Any) -> bool:
        """Only rows of one database may point at each other."""
        # Not type(first): request.user is a lazy object, which passes on attributes but not its class.
        return _home(first._meta.app_label, first._meta.model_name) == _home(
            second._meta.app_label, second._meta.model_name
        )

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        """Tables are made where their rows live; migrations without a model say where by `hints["home"]`."""
        if model_name is None:
            return bool(db == hints.get("home", DEFAULT))
        return db == _home(app_label, model_name)
