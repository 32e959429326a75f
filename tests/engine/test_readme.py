"""The README's tables of models are made from the model table. `SWITCHYARD_SNAPSHOT=write` writes it anew."""

import os
import re
from pathlib import Path

from switchyard.engine import VERSION
from switchyard.engine.local.family import families
from switchyard.engine.models import Endpoint, Model, all_models
from switchyard.engine.price import estimate
from switchyard.engine.sizes import Size

README = Path(__file__).resolve().parents[2] / "README.md"
BETWEEN = re.compile(r"(?<=<!-- prices -->\n).*?(?=<!-- /prices -->)", re.S)
LOCAL = re.compile(r"(?<=<!-- local -->\n).*?(?=<!-- /local -->)", re.S)
SQUARE = Size(1024, 1024)
FOR = {"generate": "draws", "edit": "edits", "layers": "splits into layers"}


def table() -> str:
    rows = ["| model | id | does | best for | price | source | read on |", "|---|---|---|---|---|---|---|"]
    rows += [_row(model) for model in all_models().values() if model.offered and model.place == "remote"]
    return "\n".join(rows) + "\n"


def local_table() -> str:
    rows = ["| model | id | does | repository | size | licence |", "|---|---|---|---|---|---|"]
    rows += [_local_row(model) for model in all_models().values() if model.place == "local"]
    return "\n".join(rows) + "\n"


def _local_row(model: Model) -> str:
    family, repository = families()[model.id], model.endpoints[0].id
    does = ", ".join(word for task, word in FOR.items() if model.endpoint(task) is not None)
    size = f"{sum(part.gigabytes for part in family.weights):.0f} GB"
    terms = f"{model.licence}; login" if family.gated else model.licence
    return f"| {model.name} | `{model.id}` | {does} | `{repository}` | {size} | {terms} |"


def _row(model: Model) -> str:
    endpoints = {task: model.endpoint(task, 0 if task == "generate" else 1) for task in FOR}
    found = {task: endpoint for task, endpoint in endpoints.items() if endpoint is not None}
    does = ", ".join(FOR[task] for task in found)
    price = " / ".join(dict.fromkeys(_price(endpoint, task) for task, endpoint in found.items()))
    first = next(iter(found.values()))
    source = {"fal-text": "fal", "fal-article": "fal article"}.get(
        first.price.confidence, first.price.confidence
    )
    return f"| {model.name} | `{model.id}` | {does} | {model.tier} | {price} | {source} | {first.as_of} |"


def _price(endpoint: Endpoint, task: str) -> str:
    inputs = () if task == "generate" else (SQUARE,)
    layers = endpoint.param("num_layers")
    cost = estimate(endpoint, SQUARE, inputs, int(layers.default) if layers else 1)
    return "unknown" if cost.usd is None else cost.text


def test_the_readme_lists_every_model_with_its_price():
    text = README.read_text(encoding="utf-8")
    if os.environ.get("SWITCHYARD_SNAPSHOT") == "write":
        README.write_text(BETWEEN.sub(lambda _: table(), text), encoding="utf-8")
    assert BETWEEN.search(README.read_text(encoding="utf-8")).group() == table()


def test_the_readme_lists_every_local_model():
    text = README.read_text(encoding="utf-8")
    if os.environ.get("SWITCHYARD_SNAPSHOT") == "write":
        README.write_text(LOCAL.sub(lambda _: local_table(), text), encoding="utf-8")
    assert LOCAL.search(README.read_text(encoding="utf-8")).group() == local_table()


def test_the_readme_names_every_command_of_dev_py():
    commands = re.findall(
        r'commands\.add_parser\(\s*"(\w+)"', (README.parent / "dev.py").read_text(encoding="utf-8")
    )
    text = README.read_text(encoding="utf-8")
    assert (
        commands
        and [name for name in commands if f"`{name}`" not in text and f"dev.py {name}" not in text] == []
    )


def test_one_version_everywhere():
    root = README.parent
    assert f'version = "{VERSION}"' in (root / "pyproject.toml").read_text(encoding="utf-8")
    assert f"## {VERSION} " in (root / "CHANGELOG.md").read_text(encoding="utf-8")
