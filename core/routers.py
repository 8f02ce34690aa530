"""Database routing."""

from typing import Any

from django.db.models import Model

KEYS = "keys"
DEFAULT = "default"


def _alias_for(app_label: str, model_name: str | None) -> str:
    return KEYS if (app_label, model_name) == ("core", "datakey") else DEFAULT


class KeysRouter:
    """Router that stores data keys on the alias `keys` and everything else on `default`.

    Threat: a restored backup of the main database restores a key that a withdrawal destroyed.
    """

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        """Return the alias from which a model is read."""
        return _alias_for(model._meta.app_label, model._meta.model_name)

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        """Return the alias to which a model is written."""
        return self.db_for_read(model)

    def allow_relation(self, first: Model, second: Model, **hints: Any) -> bool:
        """Whether both rows are in the same database."""
        # Not type(first): request.user is a lazy object, which forwards attributes but not its class.
        return _alias_for(first._meta.app_label, first._meta.model_name) == _alias_for(
            second._meta.app_label, second._meta.model_name
        )

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool:
        """Whether this alias stores the model; migrations without a model name the alias in `hints["home"]`."""
        if model_name is None:
            return bool(db == hints.get("home", DEFAULT))
        return db == _alias_for(app_label, model_name)
