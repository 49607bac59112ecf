"""What a trial gave."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """What a trial gave. Seconds are of generation alone: the start of the engine is not among them."""

    engine: str
    start_seconds: float
    seconds: float
    tokens: int
    """Output tokens."""
    texts: int
    accepted: int
    accepted_tokens: int
    """Output tokens of the texts that were accepted."""
    gpus: int

    @property
    def speed(self) -> float:
        """Output tokens per second and GPU."""
        return self.tokens / self.seconds / self.gpus

    @property
    def rates(self) -> dict[str, float]:
        accepted = self.accepted_tokens / self.seconds
        return {
            "tokens_per_second": round(self.tokens / self.seconds, 1),
            "accepted_share": round(self.accepted / self.texts, 3),
            "accepted_tokens_per_second": round(accepted, 1),
            "accepted_tokens_per_gpu_hour": round(3600 * accepted / self.gpus),
        }
