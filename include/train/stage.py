"""Stage ``train``: two models with one budget, on real text alone and on the mix, compared on held-out text.

Runs in the engine's environment. Both arms share the tokenizer, the initial weights, the order's seed and the number of
tokens; only the data differ.
"""

import json
import logging
from collections import defaultdict
from dataclasses import asdict, replace
from typing import Any

from include.lake import Lake, fingerprint, write_atomically
from include.ledger import StageReport, recall, record
from include.params import TrainParams
from include.train.curves import draw_curves
from include.train.data import ARMS, HELDOUT, check_size, cut, cut_by_host, draw, load
from include.train.perplexity import Loss, summarise
from include.train.pretrain import Curves, block_losses, build_model, precision, pretrain, total
from include.train.tokenizer import encode, train_tokenizer

log = logging.getLogger("rewrap.train")

STAGE = "train"
VERSION = "1"
CURVE_SHARE = 30
"""A point of the held-out curve costs at most 1/30 of the training tokens; the final perplexity takes all the text."""


def train_release(lake: Lake, crawl: str, params: TrainParams) -> StageReport:
    """Train both arms of a crawl's release; write ``training/<crawl>/{curves.png, report.json}``.

    Nothing is trained when the report there was made from the same data and params: the recorded report comes back with
    ``detail["trained"]`` False.

    Raises:
        BadInput: a table is unfinished, empty or too small, held-out text stands in an arm, or the width does not suit
            the heads.
    """
    folder = lake.path("training", crawl)
    digests = {name: _digests(lake, name, crawl) for name in (*ARMS, HELDOUT)}
    print_of_inputs = fingerprint(VERSION, crawl, digests, params.model_dump())
    known = _known_report(lake, crawl, print_of_inputs)
    if known is not None:
        report = recall(lake, crawl, STAGE) or record(lake, _stage_report(crawl, known))
        log.info("%s: data and settings are unchanged, nothing is trained", crawl)
        return replace(report, detail={**report.detail, "trained": False})

    content, curves = _train_arms(lake, crawl, params)
    content = {"crawl": crawl, "fingerprint": print_of_inputs, "data": digests, **content}
    title = f"{crawl}: {content['parameters']:,} parameters, {params.tokens:,} tokens per arm"
    write_atomically(folder / "curves.png", draw_curves(curves, title))
    write_atomically(folder / "report.json", json.dumps(content, indent=1, sort_keys=True).encode())
    return record(lake, _stage_report(crawl, content))


def _train_arms(lake: Lake, crawl: str, params: TrainParams) -> tuple[dict[str, Any], dict[str, Curves]]:
    tables = load(lake, crawl)
    tokenizer = train_tokenizer(tables["real"]["text"].to_pylist(), params.vocab_size)
    documents = {name: encode(tokenizer, table["text"].to_pylist()) for name, table in tables.items()}
    for name in documents:
        check_size(name, documents[name], params.context)
    heldout, hosts = cut_by_host(documents[HELDOUT], tables[HELDOUT]["host"].to_pylist(), params.context)
    on_curve = heldout.sample(params.tokens // CURVE_SHARE)

    log.info("%s: loading torch, then two arms of %d tokens", crawl, params.tokens)
    arms, all_curves = {}, {}
    for arm in ARMS:
        model = build_model(params, tokenizer.get_vocab_size())
        blocks = cut(draw(documents[arm], params.tokens, params.seed), params.context)
        curves = pretrain(model, blocks, on_curve, params, arm)
        by_host: defaultdict[str, list[Loss]] = defaultdict(list)
        for host, loss in zip(hosts, block_losses(model, heldout, params.batch_size), strict=True):
            by_host[host].append(loss)
        data_tokens = sum(map(len, documents[arm]))
        arms[arm] = {
            **asdict(curves),
            "tokens_per_second": curves.tokens / curves.seconds,
            "data_tokens": data_tokens,
            "epochs": params.tokens / data_tokens,
            "heldout": summarise({host: total(losses) for host, losses in by_host.items()}),
        }
        all_curves[arm] = curves
    content = {
        "settings": params.model_dump(),
        "vocab_size": tokenizer.get_vocab_size(),
        "parameters": model.num_parameters(),
        "device": model.device.type,
        "precision": precision(model.device.type)[0],
        "heldout_tokens_on_curve": on_curve.tokens,
        "arms": arms,
    }
    return content, all_curves


def _digests(lake: Lake, table: str, crawl: str) -> list[str]:
    lake.files(table, crawl)  # raises BadInput, with what to run, if the table was never finished
    manifest = lake.manifest(table, crawl)
    return [file.sha256 for file in manifest.files] if manifest else []


def _known_report(lake: Lake, crawl: str, print_of_inputs: str) -> dict[str, Any] | None:
    path = lake.path("training", crawl) / "report.json"
    if not path.exists() or not path.with_name("curves.png").exists():
        return None
    content: dict[str, Any] = json.loads(path.read_bytes())
    return content if content["fingerprint"] == print_of_inputs else None


def _stage_report(crawl: str, content: dict[str, Any]) -> StageReport:
    arms = content["arms"]
    detail: dict[str, Any] = {
        "trained": True,
        "parameters": content["parameters"],
        "tokens": content["settings"]["tokens"],
        "tokens_per_second": sum(a["tokens"] for a in arms.values()) / sum(a["seconds"] for a in arms.values()),
    }
    for arm in ARMS:
        heldout = arms[arm]["heldout"]
        detail[f"perplexity_{arm}"] = heldout["perplexity"]
        detail[f"unweighted_perplexity_{arm}"] = heldout["unweighted_mean_over_hosts"]
        detail[f"token_weighted_perplexity_{arm}"] = heldout["token_weighted_mean_over_hosts"]
    return StageReport(stage=STAGE, crawl=crawl, rows_in=len(ARMS), rows_out=len(arms), detail=detail)
