"""What Airflow's configuration imports by name: it cannot take a dictionary from the environment."""

CONNECT_ARGS = {"timeout": 60}
"""Seconds that SQLite waits for a lock. At sqlite3's default of 5 a busy machine kills scheduler and Dag processor."""
