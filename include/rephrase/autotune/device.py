"""What the engine runs on, as far as this machine says it."""

import shutil
import subprocess
from pathlib import Path


def device_name() -> str:
    """The GPUs (``2 x NVIDIA H100 80GB HBM3``), or the CPU and its cores where there are none."""
    import os

    if tool := shutil.which("nvidia-smi"):
        command = [tool, "--query-gpu=name", "--format=csv,noheader"]
        listed = subprocess.run(command, capture_output=True, text=True, check=False)
        names = sorted(line.strip() for line in listed.stdout.splitlines() if line.strip())
        if listed.returncode == 0 and names:
            return ", ".join(f"{names.count(name)} x {name}" for name in dict.fromkeys(names))
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores of {_cpu()}"


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "an unnamed CPU")
