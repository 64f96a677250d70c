"""Prefect set up before it is imported: private, quiet, and at home below Megawatch's own folder.

Whatever the operator has set stays: with PREFECT_API_URL, runs go to that server and none is started here.
"""

from __future__ import annotations

import os
from pathlib import Path

from megawatch.errors import SettingsError

DEFAULTS = {
    "DASK_LOGGING__DISTRIBUTED": "warning",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_TELEMETRY_ENABLE_RESOURCE_METRICS": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    # In memory alone, a server that is started again would forget who holds the one place of a deployment.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
}


def set_up_prefect(home: Path) -> None:
    """Give Prefect a folder below ``home``, no telemetry, and nothing to say below a warning.

    Raises SettingsError where the folder cannot be made.
    """
    own = (home / "prefect").resolve()
    try:
        own.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"home {home} cannot be written ({error.strerror}): set MEGAWATCH_HOME to another."
        ) from error
    os.environ.setdefault("PREFECT_HOME", str(own))
    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
