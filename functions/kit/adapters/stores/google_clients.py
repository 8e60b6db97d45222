"""Google's clients: who needs one takes it from here, where its first use imports it."""

from functions.kit.lazy import Lazy

exceptions = Lazy("google.api_core.exceptions")
retry = Lazy("google.api_core.retry")
credentials = Lazy("google.auth.credentials")
firestore = Lazy("google.cloud.firestore")
firestore_paths = Lazy("google.cloud.firestore_v1.field_path")
storage = Lazy("google.cloud.storage")
storage_retry = Lazy("google.cloud.storage.retry")
firebase = Lazy("firebase_admin")
firebase_credentials = Lazy("firebase_admin.credentials")
firebase_firestore = Lazy("firebase_admin.firestore")
