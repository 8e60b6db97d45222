"""What an operator says for the whole system."""

import msgspec

from functions.accounts.model import documents
from functions.accounts.model.documents import SETTINGS, Settings, SignUpMode
from functions.accounts.service.ports import Database, Transaction


class SettingsService:
    """Reads and changes the settings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> Settings:
        """Return what holds."""
        found = self._database.get(SETTINGS)
        return documents.read(Settings, found) if found else Settings()

    def change(self, sign_up: SignUpMode | None) -> Settings:
        """Change what is named."""

        def work(transaction: Transaction) -> Settings:
            found = transaction.get(SETTINGS)
            settings = documents.read(Settings, found) if found else Settings()
            if sign_up is not None:
                settings = msgspec.structs.replace(settings, sign_up=sign_up)
            transaction.set(SETTINGS, documents.document_of(settings))
            return settings

        return self._database.transact(work)
