"""Who may teach."""

import pytest
from pydantic import ValidationError
from rich.console import Console

from include.errors import BadInput
from include.teachers.catalogue import published_speed, refuse_forbidden, require_allowed, terms_of
from include.teachers.entries import Catalogue, load_catalogue
from include.teachers.listing import render_catalogue


@pytest.mark.parametrize(
    ("name", "license"),
    [
        ("smollm2-135m-instruct", "Apache-2.0"),
        ("HuggingFaceTB/SmolLM2-1.7B-Instruct", "apache-2.0"),
        ("Qwen/Qwen3-8B", None),
        ("Qwen/Qwen2.5-7B-Instruct", "apache-2.0"),
        ("mistralai/Mistral-7B-Instruct-v0.3", "apache-2.0"),
        ("mistralai/Mistral-Nemo-Instruct-2407", "apache-2.0"),
        ("openai/gpt-oss-20b", "apache-2.0"),
        ("allenai/OLMo-2-0425-1B-Instruct", "apache-2.0"),
        ("google/gemma-4-31b-it", "apache-2.0"),
        ("microsoft/phi-4", "mit"),
        ("deepseek-ai/DeepSeek-R1", "mit"),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", "mit"),
        ("deepseek-ai/DeepSeek-V3-0324", "mit"),
    ],
)
def test_permissive_models_may_teach_without_duties(name: str, license: str | None) -> None:
    terms = terms_of(name, license)
    assert (terms.status, terms.duties) == ("allowed", ())
    assert require_allowed(name, license, allow_unlisted=False).startswith("allowed: ")


@pytest.mark.parametrize(
    ("name", "license", "duty"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", "llama3.1", 'begins with "Llama"'),
        ("meta-llama/Llama-3.2-1B-Instruct", "llama3.2", "Built with Llama"),
        ("meta-llama/Llama-3.3-70B-Instruct", "llama3.3", 'begins with "Llama"'),
        ("nvidia/Llama-3_3-Nemotron-Super-49B-v1", "other", 'begins with "Llama"'),
        ("meta-llama/Llama-4-Scout-17B-16E", "llama4", 'begins with "Llama"'),
        ("/models/Llama-3.1-8B-Instruct/", "unknown", 'begins with "Llama"'),
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-8B", "mit", 'begins with "Llama"'),
        ("google/gemma-3-1b-it", "gemma", "Gemma Prohibited Use Policy"),
        ("Qwen/Qwen2.5-72B-Instruct", "other", "Built with Qwen"),
        ("Qwen/Qwen2.5-3B-Instruct", "other", "research"),
        ("deepseek-ai/DeepSeek-V3", "other", "attachment A"),
        ("mistralai/Mistral-Large-Instruct-2411", "other", "Research only"),
        ("CohereLabs/c4ai-command-r-v01", "cc-by-nc-4.0", "Non-commercial"),
        ("tiiuae/Falcon3-7B-Instruct", "other", "Acceptable Use Policy"),
    ],
)
def test_duties_are_named_in_every_row(name: str, license: str, duty: str) -> None:
    terms = terms_of(name, license)
    assert terms.status == "conditional"
    assert any(duty in said for said in terms.duties)
    assert duty in require_allowed(name, license, allow_unlisted=False)


@pytest.mark.parametrize(
    ("name", "license"),
    [
        ("meta-llama/Llama-2-7b-chat-hf", "llama2"),
        ("meta-llama/Meta-Llama-3-8B-Instruct", "llama3"),
        ("lmsys/vicuna-7b-v1.5", "llama2"),
        ("Qwen/Qwen1.5-7B-Chat", "other"),
        ("xai-org/grok-2", "other"),
        ("gpt-4o-mini", None),
        ("openai/gpt-5", None),
        ("o3-mini", None),
        ("claude-sonnet-4-5", None),
        ("anthropic/claude-opus-4", None),
        ("google/gemini-2.5-pro", None),
        ("grok-4", None),
        ("command-r-plus", None),
    ],
)
def test_a_forbidden_teacher_is_refused_whatever_is_overridden(name: str, license: str | None) -> None:
    with pytest.raises(BadInput, match="No setting overrides"):
        require_allowed(name, license, allow_unlisted=True)
    with pytest.raises(BadInput, match="Source: "):
        refuse_forbidden(name)


def test_a_derivative_is_bound_by_the_licence_that_its_card_states() -> None:
    assert terms_of("org/my-finetune", "llama3.1").status == "conditional"
    assert terms_of("org/my-finetune", "llama2").status == "forbidden"


def test_a_permissive_card_does_not_free_a_derivative_of_a_forbidden_model() -> None:
    assert terms_of("org/great-llama-3-8b-finetune", "mit").status == "forbidden"


def test_a_strict_card_binds_a_derivative_of_a_permissive_model() -> None:
    terms = terms_of("org/qwen3-8b-finetune", "cc-by-nc-4.0")
    assert terms.status == "conditional"
    assert "Apache License 2.0" in terms.license


def test_a_model_tuned_on_outputs_of_another_carries_its_terms_too() -> None:
    terms = terms_of("allenai/Llama-3.1-Tulu-3-8B", "llama3.1")
    assert {"Llama", "Gemma", "Qwen"} <= {word.strip('"') for duty in terms.duties for word in duty.split()}


def test_an_unlisted_model_counts_by_a_plain_permissive_card() -> None:
    for license in ("apache-2.0", "MIT"):
        text = require_allowed("some/model", license, allow_unlisted=False)
        assert text.startswith("allowed: ")
        assert f"own card says {license.lower()}" in text


def test_of_several_licences_on_a_card_the_strictest_counts() -> None:
    assert terms_of("some/model", "mit, llama3.1").status == "conditional"


def test_an_unknown_teacher_needs_an_override_that_is_recorded() -> None:
    with pytest.raises(BadInput, match=r"rephrase\.allow_unlisted_teacher: true"):
        require_allowed("some/model", "unknown", allow_unlisted=False)
    assert refuse_forbidden("some/model").status == "unknown"
    text = require_allowed("some/model", "weird-1.0", allow_unlisted=True)
    assert text.startswith("override: ")
    assert "'weird-1.0'" in text
    assert "rephrase.allow_unlisted_teacher" in text


def test_a_service_that_forbids_it_is_known_by_its_address_and_by_the_name_it_serves() -> None:
    for where in (
        {"urls": ["http://gpu-1:8000/v1", "https://api.openai.com/v1"]},
        {"urls": ["https://europe-west4-aiplatform.googleapis.com/v1"]},
        {"served_as": "gpt-4o"},
    ):
        with pytest.raises(BadInput, match="No setting overrides"):
            require_allowed("my/teacher", "apache-2.0", True, **where)  # type: ignore[arg-type]
    assert require_allowed("Qwen/Qwen3-8B", "apache-2.0", False, served_as="qwen", urls=["http://gpu-1:8000/v1"])


def test_names_that_only_look_alike_are_not_taken_for_another_model() -> None:
    for name in ("EleutherAI/gpt-neox-20b", "TinyLlama/TinyLlama-1.1B-Chat-v1.0", "openlm-research/open_llama_3b"):
        assert terms_of(name).status == "unknown"
        assert terms_of(name, "apache-2.0").status == "allowed"


def test_every_statement_names_where_it_stands_and_how_well_it_was_checked() -> None:
    for name, terms in load_catalogue().terms.items():
        assert len(terms.source) > 10, name
        assert terms.evidence in ("text", "publisher", "quoted", "unverified"), name
    assert "(by its name, publisher; terms: text, checked 2" in require_allowed("microsoft/phi-4", "mit", False)


def test_an_entry_that_names_terms_that_are_not_there_is_refused() -> None:
    content = load_catalogue().model_dump()
    content["models"][0]["terms"] = ["no-such-terms"]
    with pytest.raises(ValidationError, match="no-such-terms"):
        Catalogue.model_validate(content)


def test_duties_without_a_condition_are_refused() -> None:
    content = load_catalogue().model_dump()
    content["terms"]["mit"]["duties"] = ["Sing."]
    with pytest.raises(ValidationError, match="duties belong to"):
        Catalogue.model_validate(content)


def test_published_speeds_say_for_which_gpu() -> None:
    speed = published_speed("HuggingFaceTB/SmolLM2-1.7B-Instruct")
    assert speed is not None
    assert (speed.tokens_per_second, speed.gpu) == (9220, "H100 80 GB")
    assert published_speed("some/model") is None


def test_the_listing_names_every_licence_once_under_its_status() -> None:
    console = Console(width=200, record=True)
    console.print(render_catalogue())
    shown = console.export_text()
    assert shown.index("Apache License 2.0") < shown.index("Gemma Terms of Use") < shown.index("Llama 2 Community")
    assert "gpt-[3-9]*" in shown
    assert "api.anthropic.com" in shown
