"""A function's way to the outside: Firestore, storage, the gateway, the environment."""
