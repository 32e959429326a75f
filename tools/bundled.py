"""The bundled workflows as data: what is on each canvas, where, and how it is connected.

`tools/save_workflows.py` builds them in ComfyUI's own frontend and saves what that makes of them, so that the files in
`workflows/` are what a person would have saved. Edit here, then run `python3 dev.py workflows`.
"""

from __future__ import annotations

from .bundled_core import core
from .pieces import (
    BELOW,
    EDIT,
    FIRST,
    GENERATE,
    PICTURE,
    ROUTE,
    SECOND,
    THIRD,
    TOP,
    WITH_PICTURE,
    Link,
    Node,
    Workflow,
    frames,
    join,
    loader,
    local,
    note,
    prefix,
    remote,
    router,
    save,
)

REHEARSAL = (
    "**Rehearsal is on**: queue this, and you get a slate that shows the model, the exact request and its price; "
    "nothing is sent.\n\n"
    "**On fal**: set `FAL_KEY` in the environment that starts ComfyUI and turn **rehearse** off.\n\n"
    "**On this machine**: free. With **place** on *auto* a model of your own is taken where it is as good, with *local* "
    "always; **download** on a loader fetches what is missing."
)
OWN_PICTURE = "**Your picture**: load it on the left.\n\n"


def _joined(
    name: str, about: str, route: Node, branches: dict[str, Node], extra: dict[str, Node]
) -> Workflow:
    """Router → the branches → Join → Save."""
    nodes = {"note": note(about + REHEARSAL), **extra, "router": route, **branches, "join": join(branches)}
    nodes["save"] = save(name, ("join", 0), THIRD + 340)
    return Workflow(name, nodes, frames(branches))


def _checked() -> Workflow:
    """The words come from Poster Copy, and the same words are looked for on the picture."""
    name = "A poster that is checked"
    words = {
        "scene": "A concert poster: a saxophone made of paper cuts, night blue and brass",
        "style": "flat ink colours, screen print",
        "headline": "SUMMER JAZZ NIGHTS",
        "deck": "Harbour Park",
        "date": "14 August, 8 pm",
        "price": "€12",
    }
    about = (
        "**Type your words** into Poster Copy. Each goes into the prompt exactly as typed; **Until It Reads** looks for them "
        "on the picture, letter by letter, and draws again where one is wrong: another seed, then a better model, never over "
        "**max_price**.\n\n"
        "The check needs two packages in ComfyUI's Python: `pip install rapidocr onnxruntime`. Without them, take *Poster*.\n\n"
    )
    nodes = {
        "note": note(about + REHEARSAL, (-420, -430), (420, 400)),
        "copy": Node("SwitchyardPosterCopy", (-420, 20), (420, 760), words),
        "router": router("", {"prompt": ("copy", 0)}, width=832, height=1216),
        **GENERATE,
        "join": join(GENERATE),
        "read": Node(
            "SwitchyardUntilItReads", (THIRD, BELOW - 240), (340, 420), {"max_price": 0.25},
            {"images": ("join", 0), "text": ("copy", 1), "route": ("router", ROUTE)},
        ),
        "marked": Node("PreviewImage", (THIRD + 400, TOP), (460, 620), {}, {"images": ("read", 4)}, "What was read"),
        "report": Node("PreviewAny", (THIRD + 400, 360), (460, 300), {}, {"source": ("read", 3)}, "Report"),
        "save": save(name, ("read", 0), THIRD + 920),
    }  # fmt: skip
    return Workflow(name, nodes, frames(GENERATE))


def _many() -> Workflow:
    """A list of prompts: routed as a whole, each model loaded once, the pictures back in the order of the list."""
    name = "Many prompts at once"
    prompts = (
        'A cafe menu on slate: "SOUP OF THE DAY" and "Leek & potato, €6"',
        "Portrait of a glassblower at the furnace, rim light, 85mm",
        'A street sign that says "Rue des Lilas"',
        "A lighthouse in a storm at dusk, cinematic light, long exposure",
    )
    about = (
        "**One prompt in each box**; Create List grows as you connect more. Every prompt goes to the model that does it best; "
        "those of one model run together, and the pictures come back in the order of the list.\n\n"
        "**max_price** on the router holds for all of them together.\n\n"
    )
    typed = {
        f"prompt{n}": Node("PrimitiveStringMultiline", (-900, 20 + 190 * n), (400, 150), {"value": text})
        for n, text in enumerate(prompts)
    }
    gathered: dict[str, Link] = {f"inputs.input{n}": (f"prompt{n}", 0) for n in range(len(prompts))}
    nodes = {
        "note": note(about + REHEARSAL, (-900, -410), (420, 380)),
        **typed,
        "list": Node("CreateList", (-380, 20), (300, 150), {}, gathered, "All prompts"),
        "router": router("", {"prompt": ("list", 0)}, max_price=0.5),
        **GENERATE,
        "join": join(GENERATE),
        "save": save(name, ("join", 0), THIRD + 340),
    }
    return Workflow(name, nodes, frames(GENERATE))


def _layers() -> Workflow:
    """Pictures and masks come together in a join each, and become one file with named layers."""
    name = "Split into layers and save"
    branches = {
        "layers_remote": remote("SwitchyardQwenLayeredRemote", "layers_remote", FIRST, "Layers on fal"),
        "layers_local_load": loader("SwitchyardLoadQwen", BELOW),
        "layers_local": local("SwitchyardQwenLayered", "layers_local", FIRST, "Layers: Qwen-Image-Layered"),
    }
    about = (
        OWN_PICTURE
        + "**Save Layers** writes a file for Photoshop, GIMP and Krita into ComfyUI's output folder; in its list you choose "
        "which layers are saved, and how strong. **names**: one line per layer, bottom first.\n\n"
    )
    nodes = {
        "note": note(about + REHEARSAL, (-400, -430), (420, 400)),
        **PICTURE,
        "router": router("Split this picture into layers", WITH_PICTURE, task="layers"),
        **branches,
        "pictures": join(branches, (SECOND + 20, TOP), 0, "Route Join: pictures"),
        "masks": join(branches, (SECOND + 20, TOP + 260), 1, "Route Join: masks"),
        "save": Node(
            "SwitchyardSaveLayers", (SECOND + 360, TOP), (460, 1100),
            {"filename_prefix": prefix(name), "format": "psd + ora", "names": "background"},
            {"images": ("pictures", 0), "masks": ("masks", 0)},
        ),
    }  # fmt: skip
    return Workflow(name, nodes, frames(branches))


WORKFLOWS = (
    _joined(
        "Poster",
        "**Words go to Qwen-Image.** Type a prompt: while you type, the Prompt Router says which model it will go to, why and "
        "for how much.\n\n",
        router(
            'A concert poster in flat ink colours: headline "SUMMER JAZZ NIGHTS", below it "Harbour Park, 14 August", a '
            'small line "夏日爵士音乐节" at the foot, a saxophone made of paper cuts',
            width=832,
            height=1216,
        ),
        GENERATE,
        {},
    ),
    _checked(),
    _joined(
        "Portrait",
        "**Light goes to FLUX.** Portraits, products, cinematic scenes: the same canvas as *Poster*, another prompt.\n\n",
        router(
            "Portrait of an old fisherman mending a net, golden hour side light, 85mm, shallow depth of field, sea haze",
            width=896,
            height=1152,
        ),
        GENERATE,
        {},
    ),
    _many(),
    _joined(
        "Edit a photo",
        OWN_PICTURE + "**Say what should change.** Light and colour stay: FLUX does that best.\n\n",
        router(
            "Make it night: moonlight from the left, warm light in the windows, everything else as it is",
            WITH_PICTURE,
            task="edit",
        ),
        EDIT,
        PICTURE,
    ),
    _joined(
        "Edit words in a picture",
        OWN_PICTURE + "**Put the new words in quotes.** Words go to Qwen-Image-Edit.\n\n",
        router(
            "Change the text on the sign to 'OPEN LATE' and keep the lettering as it is",
            WITH_PICTURE,
            task="edit",
        ),
        EDIT,
        PICTURE,
    ),
    _layers(),
    core(),
)
