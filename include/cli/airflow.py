"""Commands about the embedded Airflow."""


def up() -> None:
    """Start Airflow on an embedded database; prints its address and login."""
    from include.embedded import console
    from include.settings import settings

    console.up(settings())


def down() -> None:
    """Stop the embedded Airflow."""
    from include.embedded import console
    from include.settings import settings

    console.down(settings())


def demo() -> None:
    """The whole way for two sample dumps, scheduled by Airflow, with a summary at the end."""
    from include.embedded.demo import run_demo
    from include.settings import settings

    run_demo(settings())
