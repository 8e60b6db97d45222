"""Accounts, sessions and keys, written where functions read them: members of workspaces."""

import datetime as dt
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec

from functions.accounts.model import documents
from functions.accounts.model.documents import Workspace
from functions.kit.adapters.stores import firestore
from functions.kit.contract.access import accounts
from functions.kit.contract.access.accounts import ACCOUNTS, FREEMIUM, Account, ApiKey, Session
from functions.kit.contract.access.api_key import API_KEYS, SESSIONS, digest, new_key, new_session
from functions.kit.contract.access.identity import Role, Scope, Subject
from functions.kit.contract.access.plans import PLANS, Plan
from functions.kit.contract.access.workspaces import MAIN, WORKSPACES

LIFE = dt.timedelta(hours=1)


class Credential(NamedTuple):
    """A key or a session: its id, its header, and the document that it counts by."""

    id: str
    header: dict[str, str]
    path: str

    def end(self) -> None:
        """Withdraw it."""
        firestore.client().document(self.path).delete()


class Member:
    """Somebody with a plan, and roles in workspaces, the first of which is the home.

    An `operator` runs the system, too.
    """

    def __init__(
        self, roles: dict[str, Role], plan: str = FREEMIUM, *, operator: bool = False
    ) -> None:
        self.account = uuid4().hex
        home = next(iter(roles))
        now = dt.datetime.now(dt.UTC)
        made = Account(
            id=self.account,
            email=f"{self.account}@example.org",
            name=home,
            roles=roles,
            home=home,
            plan=plan,
            operator=operator,
            created_at=now,
            updated_at=now,
        )
        _write(f"{ACCOUNTS}/{self.account}", made)
        self._home, self._now = home, now

    def session(self) -> Credential:
        """Sign in."""
        token = new_session()
        made = Session(
            id=uuid4().hex, account=self.account, created_at=self._now, ends_at=self._now + LIFE
        )
        return _credential(SESSIONS, token, made)

    def key(self, *scopes: Scope, only: Subject | None = None) -> Credential:
        """Make a key for the home; of every scope where none is named."""
        shown = new_key()
        made = ApiKey(
            id=uuid4().hex,
            name="key",
            account=self.account,
            workspace=self._home,
            scopes=list(scopes or ("read", "predict", "write")),
            only=only,
            last_four=shown[-4:],
            created_at=self._now,
        )
        return _credential(API_KEYS, shown, made)


class Founder(Member):
    """Who owns a workspace of which there is a document, too."""

    def __init__(self, workspace: str, plan: str, *, operator: bool = False) -> None:
        super().__init__({workspace: "owner"}, plan, operator=operator)
        roles: dict[str, Role] = {self.account: "owner"}
        made = Workspace(id=workspace, name=workspace, members=roles, created_at=self._now)
        place = firestore.client().document(f"{WORKSPACES}/{workspace}")
        place.set(documents.document_of(made), **firestore.PATIENCE)


def on_plan(plan: str, role: Role = "editor") -> Member:
    """Return somebody in the workspace `main`."""
    return Member({MAIN: role}, plan)


def put_plan(plan: Plan) -> str:
    """Store a plan; return its name."""
    place = firestore.client().document(f"{PLANS}/{plan.name}")
    place.set(msgspec.to_builtins(plan), **firestore.PATIENCE)
    return plan.name


def put_old_key(digest: str, name: str) -> None:
    """Store a key as releases before there were accounts did; one that is there stays."""
    place = firestore.client().document(f"{API_KEYS}/{digest}")
    if not place.get(**firestore.PATIENCE).exists:
        made = {"name": name, "role": "admin", "created_at": dt.datetime.now(dt.UTC)}
        place.set(made, **firestore.PATIENCE)


def _credential(collection: str, secret: str, made: Any) -> Credential:
    path = f"{collection}/{digest(secret)}"
    _write(path, made)
    return Credential(made.id, {"Authorization": f"Bearer {secret}"}, path)


def _write(path: str, made: Any) -> None:
    firestore.client().document(path).set(accounts.document_of(made), **firestore.PATIENCE)
