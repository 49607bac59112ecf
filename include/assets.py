"""Every Airflow asset, declared once; each is emitted per dump (partition), and data only after its gate has passed."""

from airflow.sdk import Asset

DOCUMENTS = Asset(name="documents", uri="rewrap://lake/documents", group="lake")
"""Clean, deduplicated pages of a dump."""
PLAN = Asset(name="plan", uri="rewrap://lake/requests", group="lake")
"""What is to be generated for a dump and what that will cost: its event's ``extra`` holds the figures."""
ACCEPTED = Asset(name="accepted", uri="rewrap://lake/accepted", group="lake")
"""Generations that passed every check, in a dump whose gate has passed."""
RELEASE = Asset(name="release", uri="rewrap://datasets/release", group="datasets")
"""A tagged version of a dump's corpus."""
TRAINING = Asset(name="training", uri="rewrap://lake/training", group="models")
"""Perplexities of the small models trained on a release."""
