"""Points Airflow at a throw-away home before anything imports it."""

import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def use(home: Path) -> None:
    """Set the environment of this process; call before the first ``import airflow``."""
    if "airflow" in sys.modules and os.environ.get("AIRFLOW_HOME") != str(home):
        raise RuntimeError("Airflow was imported before its home was set; import it inside tests and fixtures")
    os.environ.update(
        AIRFLOW_HOME=str(home),
        AIRFLOW__CORE__DAGS_FOLDER=str(PROJECT / "dags"),
        AIRFLOW__CORE__PLUGINS_FOLDER=str(PROJECT / "plugins"),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__CORE__UNIT_TEST_MODE="False",
    )
