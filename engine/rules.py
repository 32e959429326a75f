"""The rules of routing: what a prompt asks for, and which models do that best, in order. Data only.

A wrong rule is a row to edit here. Evidence: side-by-side comparisons of Qwen-Image and FLUX.2 pro on 250 prompts
(text 43 of 50 and multilingual text 47 of 50 for Qwen, photographs 38 of 50 for FLUX, photographic edits 20 of 30
for Kontext, edits of words nearly all for Qwen-Edit). Of the models named, those that can do the job, are wanted and
are here are considered from left to right; models that no row names come after them.
"""

from __future__ import annotations

from dataclasses import dataclass

from .request import Job


@dataclass(frozen=True)
class Rule:
    """For one job: why, for a person, and the models in order for each tier.

    `cheapest`: of those in the order, the least price wins; for finals the order itself does.
    """

    job: Job
    why: str
    draft: tuple[str, ...]
    standard: tuple[str, ...]
    final: tuple[str, ...]
    cheapest: bool = False

    def order(self, tier: str) -> tuple[str, ...]:
        return {"draft": self.draft, "standard": self.standard, "final": self.final}[tier]


QWEN_LOCAL = ("qwen-image-2512-local", "qwen-image-local")
FLUX_LOCAL_FULL = ("flux-2-dev-local", "flux-1-dev-local")
FLUX_LOCAL = (*FLUX_LOCAL_FULL, "flux-2-klein-9b-local", "flux-2-klein-4b-local")
FLUX_LOCAL_FAST = ("flux-2-klein-4b-local", "flux-2-klein-9b-local", "flux-1-schnell-local")
FLUX_FAST = ("flux-1-schnell", "flux-2-flash", "flux-2-klein-4b", "flux-2-klein-9b", "flux-2-turbo")
FLUX_2_DRAFT = ("flux-2-klein-4b-local", "flux-2-klein-9b-local", "flux-2-flash", "flux-2-turbo")
FLUX_2 = ("flux-2-pro", "flux-2-flex", "flux-2-dev-local", "flux-2-dev", "flux-2-klein-9b-local")
FLUX_2_FINAL = ("flux-2-pro", "flux-2-max", "flux-2-flex", "flux-2-dev-local", "flux-2-dev")
QWEN_EDIT_LOCAL = ("qwen-image-edit-2511-local", "qwen-image-edit-2509-local")
QWEN_EDIT = ("qwen-image-edit-2511", "qwen-image-edit-2509", "qwen-image-edit", "qwen-image-3")
# Who comes last where FLUX is better: for nodes and prompts that are Qwen's by the person's own choice.
QWEN_EDIT_AFTER = (*QWEN_EDIT_LOCAL, *QWEN_EDIT)
QWEN_AFTER = (
    *QWEN_LOCAL,
    "qwen-image-2512",
    *QWEN_EDIT_AFTER,
)  # with pictures, only those that edit are left of it

RULES = {
    rule.job: rule
    for rule in (
        Rule(
            "text",
            "Qwen-Image renders readable words best",
            draft=(*QWEN_LOCAL, "qwen-image", "qwen-image-2512", "flux-2-klein-4b-local", "flux-2-flash"),
            standard=(*QWEN_LOCAL, "qwen-image-2512", "qwen-image", "qwen-image-3", "flux-2-pro", *FLUX_LOCAL),
            final=(*QWEN_LOCAL, "qwen-image-3", "qwen-image-2512", "qwen-image", "flux-2-pro", *FLUX_LOCAL),
        ),
        Rule(
            "light",
            "FLUX draws light and photographs best",
            draft=(*FLUX_LOCAL_FAST, *FLUX_FAST, *FLUX_LOCAL_FULL, *QWEN_LOCAL, "qwen-image"),
            standard=("flux-2-pro", *FLUX_LOCAL, "flux-2-dev", "flux-2-flex", "flux-1-dev", *QWEN_AFTER),
            final=("flux-2-pro", "flux-2-max", *FLUX_LOCAL, "flux-2-flex", "flux-2-dev", *QWEN_AFTER),
        ),
        Rule(
            "structured",
            "FLUX.2 reads JSON, HEX colours and @image references natively",
            draft=(*FLUX_2_DRAFT, *QWEN_AFTER),
            standard=(*FLUX_2, *QWEN_AFTER),
            final=(*FLUX_2_FINAL, *QWEN_AFTER),
        ),
        Rule(
            "edit references",
            "FLUX.2 combines several reference pictures best",
            draft=(*FLUX_2_DRAFT, *QWEN_EDIT_AFTER),
            standard=(*FLUX_2, *QWEN_EDIT_AFTER),
            final=(*FLUX_2_FINAL, *QWEN_EDIT_AFTER),
        ),
        Rule(
            "plain",
            "either family draws a plain scene well",
            draft=(*FLUX_LOCAL_FAST, *QWEN_LOCAL, *FLUX_FAST),
            standard=(*QWEN_LOCAL, *FLUX_LOCAL, "qwen-image-2512", "qwen-image", "flux-2-dev", "flux-2-pro"),
            final=(*QWEN_LOCAL, "qwen-image-3", "flux-2-pro", *FLUX_LOCAL, "qwen-image-2512"),
            cheapest=True,
        ),
        Rule(
            "edit text",
            "Qwen-Edit changes words in a picture best",
            draft=(*QWEN_EDIT_LOCAL, *QWEN_EDIT, "flux-2-klein-4b-local", "flux-2-flash"),
            standard=(*QWEN_EDIT_LOCAL, *QWEN_EDIT, "flux-kontext-pro", "flux-2-pro", "flux-1-kontext-dev-local"),
            final=(*QWEN_EDIT_LOCAL, *QWEN_EDIT, "flux-kontext-max", "flux-2-pro", "flux-1-kontext-dev-local"),
        ),
        Rule(
            "edit photo",
            "FLUX keeps light and colour in a photographic edit",
            draft=("flux-2-klein-4b-local", "flux-2-klein-9b-local", "flux-2-flash", "flux-2-klein-4b", "flux-2-turbo",
                   *QWEN_EDIT_AFTER),
            standard=("flux-kontext-pro", "flux-2-pro", "flux-1-kontext-dev-local", *FLUX_LOCAL, "flux-2-dev", *QWEN_EDIT_AFTER),
            final=("flux-kontext-max", "flux-2-pro", "flux-2-max", "flux-1-kontext-dev-local", *FLUX_LOCAL,
                   *QWEN_EDIT_AFTER),
        ),
        Rule(
            "layers",
            "only Qwen-Image-Layered splits a picture into layers",
            draft=("qwen-image-layered-local", "qwen-image-layered"),
            standard=("qwen-image-layered-local", "qwen-image-layered"),
            final=("qwen-image-layered-local", "qwen-image-layered"),
        ),
    )
}  # fmt: skip
