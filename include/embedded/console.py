"""``make up`` and ``make down``: what a person sees."""

from include.embedded import services
from include.settings import Settings


def up(settings: Settings) -> None:
    """Start Airflow unless it runs, and print where it is and how to log in."""
    running = services.status(settings)
    if running is None or running.ended:
        print("Starting Airflow: its database and three processes, up to a minute ...", flush=True)
    running = services.start(settings)
    print(f"Airflow   {running.url}")
    print(f"User      {running.user}")
    print(f"Password  {running.password}")
    print("Stop it with: make down")


def down(settings: Settings) -> None:
    """Stop Airflow with its tasks, and print what was stopped."""
    stopped = services.stop(settings)
    print(f"Stopped {', '.join(service.name for service in stopped)}." if stopped else "Airflow was not running.")
