"""Errors whose message tells the reader what was wrong, with which value, and what to do next."""


class RewrapError(Exception):
    """Base of every error that is shown to a person as one message, without a traceback."""


class BadInput(RewrapError):
    """A value or a file from outside is unusable; trying again unchanged cannot help."""


class ConservationError(RewrapError):
    """A stage lost or doubled rows: its counts do not add up (DESIGN.md 7.1)."""


class GateFailed(RewrapError):
    """A critical expectation failed; nothing downstream may start (DESIGN.md 7.4)."""


class EngineFailed(RewrapError):
    """The engine's process ended without finishing its work; what it committed is kept."""


class BudgetReached(RewrapError):
    """The budget of a dump is spent; what was made is kept, and a larger budget goes on from there."""


class WorkersFailed(RewrapError):
    """Worker processes cannot do their work, and no single item is to blame."""
