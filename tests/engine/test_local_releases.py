"""Releases of diffusers and transformers: a model that the installed ones lack is told so in one sentence, and not counted on;
Qwen2.5-VL as it was before transformers 4.52."""

from __future__ import annotations

import copy
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
import torch
from switchyard.engine.errors import BadInput
from switchyard.engine.local import measure, qwen25_halves, releases
from switchyard.engine.local.available import inventory, open_row
from switchyard.engine.local.family import families
from switchyard.engine.local.hollow import hollow
from switchyard.engine.local.machine import Plain
from switchyard.engine.local.needs import Memory
from switchyard.engine.local.registry import Registry
from switchyard.engine.local.releases import too_old
from switchyard.engine.local.sources import Folders
from switchyard.engine.models import find
from switchyard.tests.tiny import files, pipelines

ROOT = Path(__file__).resolve().parents[2]
KLEIN, NEWEST = "flux-2-klein-4b-local", "qwen-image-2.1-local"


@pytest.fixture
def have(monkeypatch):
    """have(diffusers, transformers): the versions that are installed; None is not installed."""

    def pretend(diffusers, transformers):
        versions = {"diffusers": diffusers, "transformers": transformers}
        monkeypatch.setattr(releases, "installed", versions.__getitem__)

    return pretend


# --- what the installed releases lack


@pytest.mark.parametrize("row", families())
def test_the_table_agrees_with_the_libraries_that_are_installed(row):
    assert (too_old(families()[row]) == "") == (row in pipelines.ROWS)


@pytest.mark.parametrize(("diffusers", "transformers", "row", "said"), [
    ("0.38.0", "4.50.3", KLEIN, "FLUX.2 klein 4B needs transformers 4.51 or newer, and ComfyUI's Python has transformers 4.50.3: update it there."),
    ("0.38.0", "5.23.0", NEWEST, "Qwen-Image-2.1 needs diffusers 0.41 or newer, and ComfyUI's Python has diffusers 0.38.0: update it there."),
    ("0.39.0", "4.57.6", NEWEST, "Qwen-Image-2.1 needs diffusers 0.41 or newer and transformers 5.0 or newer, and ComfyUI's Python has diffusers "
     "0.39.0 and transformers 4.57.6: update both there."),
    ("0.9.1", "4.50.3", "flux-1-dev-local", "FLUX.1 dev needs diffusers 0.38 or newer, and ComfyUI's Python has diffusers 0.9.1: update it there."),
    (None, "4.50.3", "qwen-image-local", "Qwen-Image needs diffusers, which ComfyUI's Python does not have: install requirements.txt of this node "
     "pack into it."),
    ("0.38.0", "4.50.3", "qwen-image-edit-2511-local", ""),
    ("0.38.0", "4.51.3", KLEIN, ""),
    ("0.41.0.dev0", "5.0.0rc1", NEWEST, ""),
    ("", "", NEWEST, ""),  # a version that cannot be told
])  # fmt: skip
def test_one_sentence_says_what_is_needed_and_what_is_there(have, diffusers, transformers, row, said):
    have(diffusers, transformers)
    assert too_old(families()[row]) == said


def test_a_package_that_is_not_there_has_no_version():
    assert releases.installed("a-package-that-nobody-has") is None
    assert releases.installed("transformers") == metadata.version("transformers")


def test_a_model_that_is_too_new_is_not_counted_on(have, tmp_path):
    row = "flux-1-schnell-local"
    folders = files.models(tmp_path, row)
    have("0.38.0", "4.50.3")
    found = inventory(folders, Plain(), Memory(0, 2**44))
    assert found.rows == {row}
    for klein in (name for name in families() if "klein" in name):
        assert "needs transformers 4.51 or newer" in found.lacking[klein]
    assert "needs diffusers 0.41 or newer and transformers 5.0 or newer" in found.lacking[NEWEST]
    assert "is not on this machine yet" in found.lacking["qwen-image-local"]
    have(None, "4.50.3")
    nothing = inventory(folders, Plain(), Memory(0, 2**43))
    assert not nothing.rows and "does not have: install" in nothing.lacking[row]


def test_it_is_said_before_files_are_asked_for(have):
    have("0.38.0", "4.50.3")
    with pytest.raises(BadInput, match=r"needs transformers 4\.51 or newer"):
        open_row(find(KLEIN), {}, Folders(), Registry(), Plain())


def test_neither_library_is_imported_for_it(tmp_path):
    folders = files.models(tmp_path, "flux-1-schnell-local")
    places = {
        name: [str(place) for place in getattr(folders, name)]
        for name in ("diffusion_models", "text_encoders", "vae", "tokenizers")
    }
    code = f"""
import sys
from pathlib import Path
from types import ModuleType
package = ModuleType("switchyard")
package.__path__ = [{str(ROOT)!r}]
sys.modules["switchyard"] = package
from switchyard.engine.local.available import inventory
from switchyard.engine.local.machine import Plain
from switchyard.engine.local.needs import Memory
from switchyard.engine.local.sources import Folders
places = {{name: tuple(map(Path, paths)) for name, paths in {places!r}.items()}}
found = inventory(Folders(**places, configs=Path({str(folders.configs)!r})), Plain(), Memory(0, 2**44))
assert found.rows == {{"flux-1-schnell-local"}}, found
print(sorted({{"diffusers", "transformers"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


# --- Qwen2.5-VL before transformers 4.52


def test_a_config_of_either_shape_comes_out_flat_and_is_left_as_it_was():
    """As the hub's folder has it, in which both shapes stand, with `null` for what only one of them has."""
    bundled = measure.bundled("qwen2.5-vl-7b")
    words = {**bundled["text_config"], "model_type": "qwen2_5_vl_text", "image_token_id": None, "torch_dtype": "bfloat16"}  # fmt: skip
    both = {**bundled, "hidden_size": 1, "sliding_window": 32768, "text_config": words}
    before = copy.deepcopy(both)
    made = qwen25_halves.flat(both)
    made["rope_scaling"]["type"] = made["vision_config"]["depth"] = None
    assert both == before and "text_config" not in made and "torch_dtype" not in made
    assert (made["hidden_size"], made["image_token_id"], made["model_type"]) == (3584, 151655, "qwen2_5_vl")
    assert made["sliding_window"] is None  # it is not used
    used = qwen25_halves.flat({**both, "use_sliding_window": True, "text_config": {}})
    assert used["sliding_window"] == 32768


def test_a_config_that_transformers_5_wrote_keeps_its_positions():
    rope = {"rope_type": "default", "mrope_section": [16, 24, 24], "rope_theta": 5e5}
    made = qwen25_halves.flat({"text_config": {"hidden_size": 8, "rope_parameters": rope}})
    assert made["rope_theta"] == 5e5 and "rope_parameters" not in made
    assert made["rope_scaling"] == {"rope_type": "default", "mrope_section": [16, 24, 24]}
    assert rope["rope_theta"] == 5e5


def test_no_language_head_is_made_at_the_published_size():
    """By whichever transformers is installed: both halves under the names of today, and no memory for any of it."""
    module = hollow(
        "Qwen2_5_VLForConditionalGeneration", measure.bundled("qwen2.5-vl-7b"), "model.safetensors"
    )
    names = [name for name, _ in module.named_parameters()]
    assert {name.split(".")[0] for name in names} == {"visual", "language_model"}
    assert "language_model.layers.27.mlp.down_proj.weight" in names and not any("lm_head" in n for n in names)
    large = [tensor for tensor in module.parameters() if tensor.numel() > 2**16]
    assert all(tensor.is_meta for tensor in large)
    assert module.config.get_text_config().hidden_size == 3584 and module.dtype == torch.float32
