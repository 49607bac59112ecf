"""How long segments may be: real recipes, a real tokenizer of words, templates of our own."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from include.errors import BadInput
from include.recipes.recipe import Recipe
from include.recipes.registry import known_recipes, load_recipe
from include.rephrase import chat
from include.rephrase.engines.params import EngineParams
from include.rephrase.fit import MIN_SEGMENT, Fitted, fit
from include.rephrase.teacher import Teacher

FRAMED = (
    "{{ bos_token }}{% for message in messages %}\n< {{ message['role'] }} > {{ message['content'] | trim }} </>\n"
    "{% endfor %}{% if add_generation_prompt %}< assistant >{% endif %}"
)
MESSAGES = [{"role": "system", "content": "be short"}, {"role": "user", "content": "one two three"}]

With = Callable[..., Teacher]


@pytest.fixture
def with_template(teacher: Teacher, tmp_path: Path) -> With:
    """The teacher of words with other files beside its tokenizer."""

    def make(template: str | None = None, **config: object) -> Teacher:
        (tmp_path / "tokenizer.json").write_bytes((teacher.path / "tokenizer.json").read_bytes())
        (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
        if template is not None:
            (tmp_path / "chat_template.jinja").write_text(template)
        return replace(teacher, path=tmp_path)

    return make


def counter(teacher: Teacher) -> chat.CountChat:
    return chat.chat_counter(teacher, teacher.count_tokens())


def fitted(recipe: Recipe | str, teacher: Teacher, context: int = 2048, cap: int | None = None) -> Fitted:
    recipe = load_recipe(recipe) if isinstance(recipe, str) else recipe
    return fit(recipe, teacher.name, context, cap, teacher.count_tokens(), counter(teacher))


def test_a_prompt_is_counted_in_the_teachers_own_template(with_template: With) -> None:
    teacher = with_template(FRAMED, bos_token={"content": "start"})
    # start, twice "<role>" (3) and "</>" (1), 2 and 3 words, "<assistant>"
    assert counter(teacher)(MESSAGES) == 1 + 2 * (3 + 1) + 2 + 3 + 3


def test_a_template_in_the_tokenizers_settings_counts_as_well(with_template: With) -> None:
    assert counter(with_template(chat_template="{{ messages | length }} a b c"))(MESSAGES) == 4
    named = [{"name": "tools", "template": "a"}, {"name": "default", "template": "a b"}]
    assert counter(with_template(chat_template=named))(MESSAGES) == 2


def test_templates_may_use_what_transformers_offers(with_template: With) -> None:
    source = (
        "{% for m in messages %}{% if loop.index > 1 %}{% break %}{% endif %}{{ m | tojson }}{% endfor %}"
        "{{ strftime_now('%Y') }}"
    )
    assert counter(with_template(source))(MESSAGES) > 4


def test_where_no_system_message_is_taken_it_is_counted_with_the_users(with_template: With) -> None:
    refusing = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    teacher = with_template(refusing + "{% for m in messages %}{{ m.content }}{% endfor %}")
    assert counter(teacher)(MESSAGES) == 5


def test_a_template_that_takes_no_user_message_is_refused_with_its_reason(with_template: With) -> None:
    count = counter(with_template("{{ raise_exception('tools only') }}"))
    with pytest.raises(BadInput, match="tools only"):
        count(MESSAGES)


def test_without_a_readable_template_a_plain_one_is_counted_with_a_warning(
    with_template: With, caplog: pytest.LogCaptureFixture
) -> None:
    assert 8 < counter(with_template())(MESSAGES) < 32
    assert "no chat template" in caplog.text
    assert counter(with_template("{% generation %}{% endgeneration %}"))(MESSAGES) > 8
    assert "cannot be read here" in caplog.text


def test_a_template_cannot_reach_outside_itself(with_template: With) -> None:
    spying = counter(with_template("{{ messages.__class__.__mro__ }}"))
    with pytest.raises(BadInput, match="unsafe"):
        spying(MESSAGES)


def test_prompt_tokens_are_those_of_the_rendered_chat(with_template: With) -> None:
    teacher = with_template(FRAMED)
    text = "Bread rises. " * 20
    recipe = load_recipe("easy")
    (tokens,) = teacher.count_tokens()([text])
    exact = counter(teacher)(recipe.messages(recipe.steps[0], text, teacher.name, {}))
    assert fitted(recipe, teacher).prompt_tokens(tokens, None) == exact


@pytest.mark.parametrize("recipe", known_recipes())
def test_every_recipe_has_room_in_the_default_context(recipe: str, teacher: Teacher) -> None:
    found = fitted(recipe, teacher, EngineParams().max_model_len)
    assert MIN_SEGMENT <= found.max_tokens <= load_recipe(recipe).segment.max_tokens
    steps = load_recipe(recipe).steps
    outputs = [step.sampling.limit(found.max_tokens) for step in steps]
    if found.recipe.segment.piece_tokens is None:
        assert found.frames[-1] + found.max_tokens + sum(outputs) <= EngineParams().max_model_len


def test_a_later_step_needs_room_for_what_the_first_gave(teacher: Teacher) -> None:
    two = load_recipe("genre_audience")
    second = Recipe.model_validate(
        two.model_dump() | {"steps": [two.model_dump()["steps"][1] | {"repeat": "once", "instruction": "Rewrite."}]}
    )
    first_output = two.steps[0].sampling.max_tokens
    shorter = fitted(second, teacher, 1500).max_tokens - fitted(two, teacher, 1500).max_tokens
    assert first_output / 3 - 16 <= shorter <= first_output / 3 + 16 + len(two.steps[1].instruction.split())


def test_the_cap_and_the_context_bound_segments_and_the_recipe_does_first(teacher: Teacher) -> None:
    assert fitted("easy", teacher).max_tokens == 300
    assert fitted("easy", teacher, cap=120).max_tokens == 120
    assert fitted("easy", teacher, cap=999).max_tokens == 300
    assert fitted("easy", teacher, context=500).max_tokens % 16 == 0
    assert fitted("easy", teacher, context=500).max_tokens < 300


def test_predictions_follow_the_shape_of_the_chain(teacher: Teacher) -> None:
    easy, two = fitted("easy", teacher), fitted("genre_audience", teacher)
    assert easy.predicted_tokens(200) == round(200 * easy.recipe.expected_ratio)
    assert easy.predicted_prompt_tokens(200, None) == easy.prompt_tokens(200, None)
    items = round(two.recipe.expected_ratio)
    assert two.predicted_prompt_tokens(200, None) == two.frames[0] + 200 + items * (two.frames[1] + 200)
