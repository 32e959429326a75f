"""What a remote node shows of a model's parameters, and an order reads again: names, defaults, the word for "you choose".

By itself, because the page's list of nodes needs nothing more: what an order is made of is imported when one is placed.
"""

from __future__ import annotations

from collections.abc import Mapping

AUTO = "auto (from route)"
AUTO_ASPECT = "auto"

# The service's names, and the field's own that the node's inputs have.
NODE_NAMES = {
    "num_inference_steps": "steps",
    "guidance_scale": "guidance",
    "negative_prompt": "negative",
    "enable_prompt_expansion": "prompt_expansion",
    "enhance_prompt": "prompt_expansion",
}

# Sent unless the person chose otherwise: lossless pictures, and no rewriting of the prompt: it would change words that
# are to be rendered, and Alibaba's endpoints do it unless they are told not to.
OWN_DEFAULTS: Mapping[str, object] = {
    "output_format": "png",
    "enable_prompt_expansion": False,
    "enhance_prompt": False,
}
