"""The languages of the page: `python3 -m tools.locales --write | --english | --check`.

A person writes one table per language, `locales/<language>.json`: English on the left, the translation on the right,
every phrase once. What ComfyUI reads (`locales/<language>/`) and what our own scripts read (`web/words/`) is generated
from it, because there the same phrase stands up to a dozen times. The English side comes from the nodes themselves.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCALES, WORDS = ROOT / "locales", ROOT / "web" / "words"
LANGUAGES = ("ar", "de", "es", "fr", "ja", "ko", "ru", "zh")  # besides English
SECTIONS = ("nodes", "names", "sentences", "settings", "canvas")

GROUP = "Switchyard"
FOLDERS = ("ComfyUI-Switchyard", "switchyard")  # as git clones it and as the registry installs it
MAIN = {  # a name is the same everywhere; what a language does not name at all, the page takes from the folder
    "templateWorkflows": {"category": {folder: GROUP for folder in FOLDERS}},
    "settingsCategories": {GROUP: GROUP},
}
SYNTAX = re.compile(r"[{}@|]")  # vue-i18n, behind most of ComfyUI's labels, reads these as its own
KEPT = re.compile(r"`[^`]+`|%\w+%|#\w+|\w*/[\w/]+|\.[a-z]{3,}\b|\b[A-Z_]{3,}[0-9]*\b|\d+(?:\.\d+)?")
HOLE = re.compile(r"\{\w+\}")  # filled in by our own scripts
ROW = re.compile(r'\brow\("(\w+)", "((?:[^"\\]|\\.)+)", "((?:[^"\\]|\\.)+)"')
SAID = re.compile(r'\b(?:say|phrase)\(\s*"((?:[^"\\]|\\.)+)"')

Table = dict[str, dict[str, str]]  # section -> English -> translation


def main(argv: list[str] | None = None) -> int:
    """Does what the arguments say; 1 where something is left to do."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.locales", description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="generate all files from the tables")
    parser.add_argument(
        "--english", action="store_true", help="ask the nodes for the English first (starts ComfyUI)"
    )
    parser.add_argument("--check", action="store_true", help="list what is missing, superfluous or stale")
    options = parser.parse_args(argv)
    if options.english:
        write_english(_object_info())
    if options.write or options.english:
        for language in LANGUAGES:
            write(language)
    faults = [fault for language in LANGUAGES for fault in check(language)] + check_english()
    print("\n".join(faults) or f"{len(LANGUAGES) + 1} languages, all complete.")
    return 1 if faults else 0


def english_nodes(info: Mapping[str, Any]) -> dict[str, Any]:
    """nodeDefs.json in English, of every node of ours in /object_info.

    A name stays the input's own (`max_price`), as without the file: workflows saved in English do not change. A phrase
    that vue-i18n would take for its own syntax is left out; the page then shows what the node says.
    """
    ours = {k: node for k, node in info.items() if node["python_module"].split(".")[-1] in FOLDERS}
    return {name: _node(node) for name, node in sorted(ours.items())}


def english_settings(script: str) -> dict[str, Any]:
    """settings.json in English, read off the rows in web/settings.js."""
    rows = [
        (name, json.loads(f'"{label}"'), json.loads(f'"{more}"')) for name, label, more in ROW.findall(script)
    ]
    return {f"{GROUP}_{name}": {"name": label, "tooltip": more} for name, label, more in rows}


def english_words(scripts: Iterable[str]) -> list[str]:
    """What our own scripts say(), or keep as a phrase() to say later: the first argument of every call, sorted."""
    return sorted({json.loads(f'"{text}"') for script in scripts for text in SAID.findall(script)})


def write_english(info: Mapping[str, Any]) -> None:
    """Writes locales/en/ and locales/en.json, which is the list of all that is to be translated."""
    nodes = english_nodes(info)
    settings = english_settings((ROOT / "web" / "settings.js").read_text(encoding="utf-8"))
    said = english_words(path.read_text(encoding="utf-8") for path in sorted((ROOT / "web").glob("*.js")))
    found: Table = {section: {} for section in SECTIONS}
    for section, english in [*_phrases(nodes), *(("settings", text) for text in _leaves(settings))]:
        found[section][english] = english
    found["canvas"] = {text: text for text in said or read(LOCALES / "en.json").get("canvas", {})}
    _save(LOCALES / "en.json", found)
    _save(LOCALES / "en" / "nodeDefs.json", nodes)
    _save(LOCALES / "en" / "settings.json", settings)
    _save(LOCALES / "en" / "main.json", MAIN)


def write(language: str) -> None:
    """Generates a language's files from its table; what it lacks stays English."""
    for path, content in generated(language).items():
        _save(path, content)


def generated(language: str) -> dict[Path, Any]:
    """Path -> content of all that is generated for a language other than English."""
    table, folder = read(LOCALES / f"{language}.json"), LOCALES / language
    return {
        folder / "nodeDefs.json": _translated(read(LOCALES / "en" / "nodeDefs.json"), table, None),
        folder / "settings.json": _translated(read(LOCALES / "en" / "settings.json"), table, "settings"),
        folder / "main.json": MAIN,
        WORDS / f"{language}.json": table.get("canvas", {}),
    }


def check(language: str) -> list[str]:
    """One line for each phrase that is missing, superfluous, empty or broken, and for each file that is stale."""
    table, english = read(LOCALES / f"{language}.json"), read(LOCALES / "en.json")
    faults = [f"{language}: no section {section}" for section in SECTIONS if section not in table]
    faults += [f"{language}: unknown section {section}" for section in table if section not in SECTIONS]
    for section in SECTIONS:
        have, want = table.get(section, {}), english.get(section, {})
        faults += [f"{language}/{section}: missing: {text}" for text in want if text not in have]
        faults += [f"{language}/{section}: superfluous: {text}" for text in have if text not in want]
        for text in have:
            faults += [
                f"{language}/{section}: {fault}: {text}" for fault in _faults(section, text, have[text])
            ]
    if faults:
        return faults
    return [
        f"{path.relative_to(ROOT)} is stale: run `python3 -m tools.locales --write`"
        for path, content in generated(language).items()
        if read(path) != content
    ]


def check_english() -> list[str]:
    """What can be said of the English without the nodes: that the list holds what the scripts and settings say."""
    listed = list(read(LOCALES / "en.json").get("canvas", {}))
    settings = english_settings((ROOT / "web" / "settings.js").read_text(encoding="utf-8"))
    said = english_words(path.read_text(encoding="utf-8") for path in sorted((ROOT / "web").glob("*.js")))
    stale = settings != read(LOCALES / "en" / "settings.json") or (said or listed) != listed
    return ["en is stale: run `python3 -m tools.locales --english`"] if stale else []


def read(path: Path) -> Any:
    """The JSON in a file, {} where there is none. Raises ValueError where it is none, or has a key twice."""
    if not path.exists():
        return {}
    return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)


def _node(node: Mapping[str, Any]) -> dict[str, Any]:
    inputs: dict[str, dict[str, str]] = {}
    for kind in ("required", "optional"):
        for name, spec in node["input"].get(kind, {}).items():
            for key, entry in _input(name, spec):
                if inputs.setdefault(key, entry) != entry:
                    raise ValueError(f"{node['name']}: {key} says different things in different places")
    outputs = {
        str(at): _entry(name, tooltip)
        for at, (name, tooltip) in enumerate(zip(node["output_name"], node["output_tooltips"], strict=True))
    }
    about = _entry(None, node["description"], "description")
    return {"display_name": node["display_name"], **about, "inputs": inputs, "outputs": outputs}


def _input(name: str, spec: list[Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """The input's entry, then those of what grows out of it; the page looks `model.width` up as `model_width`."""
    more = spec[1] if len(spec) > 1 else {}
    yield name, _entry(more.get("display_name") or name, more.get("tooltip"))
    if spec[0] == "COMFY_DYNAMICCOMBO_V3":
        for group in (group for option in more["options"] for group in option["inputs"].values()):
            for inner, inner_spec in group.items():
                for key, entry in _input(inner, inner_spec):
                    yield f"{name}_{key}", entry
    if spec[0] == "COMFY_AUTOGROW_V3":
        template = more["template"]
        for inner_spec in (one for group in template["input"].values() for one in group.values()):
            for at in range(template["max"]):  # their names are labels of the page's own: image0, image1 …
                yield f"{name}_{template['prefix']}{at}", _entry(None, inner_spec[1].get("tooltip"))


def _entry(name: str | None, text: str | None, key: str = "tooltip") -> dict[str, str]:
    pairs = (("name", name), (key, text))
    return {k: value for k, value in pairs if value and not SYNTAX.search(value)}


def _phrases(nodes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    sections = {"display_name": "nodes", "name": "names", "tooltip": "sentences", "description": "sentences"}
    for key, value in nodes.items():
        if isinstance(value, str):
            yield sections[key], value
        else:
            yield from _phrases(value)


def _leaves(tree: Mapping[str, Any]) -> Iterator[str]:
    for value in tree.values():
        if isinstance(value, str):
            yield value
        else:
            yield from _leaves(value)


def _translated(tree: Mapping[str, Any], table: Table, section: str | None) -> dict[str, Any]:
    """The same tree in the table's language; `section` None: by what the phrase is."""
    made: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, str):
            where = section or next(iter(_phrases({key: value})))[0]
            made[key] = table.get(where, {}).get(value, value)
        else:
            made[key] = _translated(value, table, section)
    return made


def _faults(section: str, english: str, translation: object) -> Iterator[str]:
    if not isinstance(translation, str) or not translation.strip():
        yield "empty"
        return
    if translation != translation.strip():
        yield "white space at an end"
    if section != "canvas" and SYNTAX.search(translation):
        yield "one of {}@|, which the page reads as syntax"
    wanted, there = KEPT.findall(english) if section != "names" else [], translation
    lost = sorted({token for token in wanted if token not in there})
    if lost:
        yield f"lost {', '.join(lost)}"
    if section == "canvas" and sorted(HOLE.findall(english)) != sorted(HOLE.findall(translation)):
        yield "other placeholders"


def _object_info() -> Any:
    """/object_info of a ComfyUI of its own, with Switchyard and without models."""
    import tempfile

    from .environment import environment
    from .server import ComfyServer

    found = environment()
    with tempfile.TemporaryDirectory() as base:
        arguments, env = ["--cpu", "--disable-api-nodes"], {**found.variables(), "FAL_KEY": None}
        with ComfyServer(found.python, found.comfyui, base, ROOT, extra=arguments, env=env) as server:
            return server.get("/object_info")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if twice := sorted({key for key, _ in pairs if [k for k, _ in pairs].count(key) > 1}):
        raise ValueError(f"twice in one file: {', '.join(twice)}")
    return dict(pairs)


def _save(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
