"""Airflow on one machine: its own processes, an SQLite inside the home folder, no administrator needed."""
