"""The English files say what the nodes say, of every node and input; ComfyUI serves every language."""

from switchyard.tools import locales


def test_the_english_is_what_the_nodes_say(comfy):
    now = locales.english_nodes(comfy.server.get("/object_info"))
    assert now == locales.read(locales.LOCALES / "en" / "nodeDefs.json"), (
        "run `python3 -m tools.locales --english`"
    )


def test_every_node_input_and_output_has_an_entry(comfy):
    served = comfy.server.get("/i18n")["en"]["nodeDefs"]
    info = comfy.server.get("/object_info")
    ours = {name: node for name, node in info.items() if node["python_module"].endswith("ComfyUI-Switchyard")}
    assert len(ours) >= 23
    for name, node in ours.items():
        entry = served[name]
        assert entry["display_name"] == node["display_name"] and entry["description"] == node["description"]
        for kind in ("required", "optional"):
            for key, spec in node["input"].get(kind, {}).items():
                assert entry["inputs"][key]["name"] == (spec[1].get("display_name") or key)
        assert [entry["outputs"][str(at)]["name"] for at in range(len(node["output"]))] == node["output_name"]


def test_comfyui_serves_every_language(comfy):
    served = comfy.server.get("/i18n")
    for language in ("en", *locales.LANGUAGES):
        for file in ("nodeDefs", "settings"):
            of_ours = locales.read(locales.LOCALES / language / f"{file}.json")
            assert of_ours and of_ours.items() <= served[language][file].items()
        assert served[language]["templateWorkflows"]["category"]["ComfyUI-Switchyard"] == "Switchyard"


def test_the_words_of_our_scripts_are_served(comfy):
    for language in locales.LANGUAGES:
        words = comfy.server.get(f"/extensions/ComfyUI-Switchyard/words/{language}.json")
        assert words == locales.read(locales.LOCALES / f"{language}.json")["canvas"]
