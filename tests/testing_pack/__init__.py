"""A node pack that only the tests' own server loads, beside Switchyard: core at doll's-house size, and nodes
that say what ran. Importing it needs no ComfyUI (the tests read `sizes` from here); its entry point does.
"""


async def comfy_entrypoint():
    from .nodes import TestingExtension
    from .shrink import shrink_core

    shrink_core()
    return TestingExtension()
