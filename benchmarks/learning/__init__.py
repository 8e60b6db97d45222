"""How good the models are that a minute buys: beside default models, and beside FLAML."""
