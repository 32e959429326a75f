"""Several pictures changed in place at once: each is the picture that its seed makes of it alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from switchyard.engine.errors import BadInput
from switchyard.engine.local.available import open_row
from switchyard.engine.local.draw import draw
from switchyard.engine.local.embeddings import EmbeddingCache
from switchyard.engine.local.family import families
from switchyard.engine.local.machine import Plain
from switchyard.engine.local.registry import Registry
from switchyard.engine.local.wish import Wish, plan
from switchyard.engine.models import find
from switchyard.tests.tiny import files, pipelines

torch.set_num_threads(1)  # tensors this small take ten times as long on several

ROWS = ("qwen-image-local", "flux-1-dev-local")
PICTURES = tuple(torch.rand(3, 70, 100, 3, generator=torch.Generator().manual_seed(1)))
MASK = torch.zeros(1, 70, 100)
MASK[:, :, 50:] = 1


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    for row in ROWS:
        pipelines.folder(root / "diffusers" / row.removesuffix("-local"), row)
    return files.folders(root)


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("mask", (None, MASK), ids=("image", "inpaint"))
def test_each_picture_is_changed_as_its_seed_changes_it_alone(ground, row, mask):
    machine = Plain()
    model = open_row(find(row), {}, ground, Registry(), machine)
    wish = Wish("redder", seed=7, pictures=PICTURES, mask=mask, denoise=0.6, steps=3)
    together = draw(model, machine, wish, EmbeddingCache())
    assert together.images.shape == (3, 70, 100, 3) and len(together.samples) == 3
    for index, picture in enumerate(PICTURES):
        alone = draw(model, machine, replace(wish, pictures=(picture,), seed=7 + index), EmbeddingCache())
        torch.testing.assert_close(together.samples[index], alone.samples[0], atol=1e-5, rtol=0)
        torch.testing.assert_close(together.images[index], alone.images[0], atol=1.1 / 255, rtol=0)
        if mask is not None:
            assert torch.equal(together.images[index][:, :50], picture[:, :50])
    assert together.report.startswith(f"{find(row).name} · 3 × 100×70")


@pytest.mark.parametrize("batch", (0, 1, 3))
def test_the_batch_is_as_many_as_there_are_pictures(batch):
    made = plan(families()[ROWS[0]], Wish(pictures=PICTURES, denoise=0.5, batch=batch))
    assert made.batch == len(made.changed) == 3 and made.mode == "image"


def test_one_picture_may_be_changed_several_times():
    made = plan(families()[ROWS[0]], Wish(pictures=PICTURES[:1], denoise=0.5, batch=3))
    assert made.batch == 3 and len(made.changed) == 1


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"pictures": PICTURES, "batch": 2}, "leave it at 0"),
        ({"pictures": PICTURES[:1] * 65}, "64 at most"),
        ({"pictures": (PICTURES[0], PICTURES[0][:64])}, "different sizes"),
    ],
)
def test_what_does_not_go_together_is_said(wishes, words):
    with pytest.raises(BadInput, match=words):
        plan(families()[ROWS[0]], Wish(denoise=0.5, **wishes))
