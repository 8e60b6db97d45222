"""How fast the gateway starts and passes on: each figure beside its base, in one run."""
