"""The domain of Rewrap in plain Python: no Airflow here, except in :mod:`include.assets`."""

__version__ = "0.1.0"
