"""A node pack that only the tests' own server loads, beside Switchyard: core at doll's-house size, and nodes
that say what ran. Importing it needs no ComfyUI (the tests read `sizes` from here); its entry point does.
"""

import os


async def comfy_entrypoint():
    from .hold import hold
    from .nodes import TestingExtension
    from .shrink import shrink_core
    from .shrink_ours import shrink_ours

    shrink_core()
    shrink_ours()
    hold(os.environ.get("SWITCHYARD_TEST_HOLD", ""))
    return TestingExtension()
