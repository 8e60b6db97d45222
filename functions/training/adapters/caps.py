"""How much training may do at a time, as the environment says."""

import os
from collections.abc import Mapping

from functions.kit.adapters.config import positive, setting
from functions.training.model.admission import Caps

USUAL = Caps()


def caps_from_env(env: Mapping[str, str] = os.environ) -> Caps:
    """Return the caps: `MAYFLY_TRAINING_JOBS` and so on; raises ConfigError."""
    return Caps(
        *(
            setting(env, f"MAYFLY_TRAINING_{name.upper()}", positive, usual)
            for name, usual in USUAL._asdict().items()
        )
    )
