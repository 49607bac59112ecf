"""The listener that writes a plan's estimate into the note of its run; what it writes is read in tests/e2e."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("airflow_home")


def test_airflow_loads_the_listener_and_finds_nothing_in_it_that_it_does_not_know() -> None:
    from airflow import plugins_manager
    from airflow._shared.listeners.listener import ListenerManager
    from airflow.listeners.spec import asset

    manager = ListenerManager()
    manager.add_hookspecs(asset)
    plugins_manager.integrate_listener_plugins(manager)
    assert plugins_manager.get_import_errors() == {}
    manager.pm.check_pending()
    heard = [type(hook.plugin).__name__ for hook in manager.hook.on_asset_event_emitted.get_hookimpls()]
    assert heard == ["PlanNotes"]
