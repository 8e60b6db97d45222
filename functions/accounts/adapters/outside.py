"""What the function's services reach of the world: Firestore, mails, hashes, the time."""

from functions.accounts.adapters.argon2_hasher import Argon2Hasher
from functions.accounts.adapters.config import AccountSettings
from functions.accounts.adapters.firestore.database import FirestoreDatabase
from functions.accounts.adapters.later import BackgroundThread
from functions.accounts.adapters.mail.mailers import mailer
from functions.accounts.service.services import World
from functions.kit.adapters.config import Settings
from functions.kit.contract.ports import Clock


def world(settings: Settings, own: AccountSettings, clock: Clock) -> World:
    """Return it, as the settings say."""
    return World(
        database=FirestoreDatabase(),
        hasher=Argon2Hasher(),
        mailer=mailer(own, clock),
        later=BackgroundThread(),
        clock=clock,
        owner_email=own.owner_email,
        web_url=own.web_url,
        secret=settings.step_secret,
    )
