"""Bare ``vllm.LLM`` with a teacher's settings, beside which the worker is measured. Runs in the engine's environment.

``python -m bench.rephrase_raw TEACHER.json ENGINE.json``: one JSON line on standard input is a list of requests (as
:class:`include.rephrase.engines.base.Request`); the line on standard output says how long ``LLM.chat`` took for them.
"""

import json
import os
import sys
import time
from pathlib import Path

from include.rephrase.engines.params import EngineParams
from include.rephrase.engines.vllm_settings import llm_options, set_environment
from include.rephrase.teacher import Teacher


def main(teacher: Teacher, params: EngineParams) -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    set_environment(params)
    import vllm

    llm = vllm.LLM(**llm_options(teacher, params))
    print(json.dumps({"ready": vllm.__version__}), file=answers, flush=True)
    for line in sys.stdin:
        requests = json.loads(line)
        chats = [request["messages"] for request in requests]
        sampling = [
            vllm.SamplingParams(
                temperature=request["temperature"],
                top_p=request["top_p"],
                top_k=request["top_k"] or -1,
                max_tokens=request["max_tokens"],
                seed=request["seed"],
            )
            for request in requests
        ]
        began = time.perf_counter()
        outputs = llm.chat(chats, sampling, use_tqdm=False)
        seconds = time.perf_counter() - began
        tokens = sum(len(output.outputs[0].token_ids) for output in outputs)
        print(json.dumps({"requests": len(outputs), "tokens": tokens, "seconds": seconds}), file=answers, flush=True)


if __name__ == "__main__":
    card = json.loads(Path(sys.argv[1]).read_bytes())
    main(
        Teacher(**{**card, "path": Path(card["path"])}),
        EngineParams.model_validate_json(Path(sys.argv[2]).read_bytes()),
    )
