"""The parts of the developer's tools that can be tested without building or starting anything."""

import io
import json
import os
import subprocess
import sys
import tarfile
import threading
from pathlib import Path

import pytest
from switchyard.tools import cache, check, comfyui, environment, serve, server, steps, venvs
from switchyard.tools.errors import ToolError

ROOT = Path(__file__).resolve().parents[2]
HOME = Path("/home/someone")


@pytest.mark.parametrize(
    "environ, platform, expected",
    [
        ({}, "linux", HOME / ".cache" / "switchyard"),
        ({"XDG_CACHE_HOME": "/fast"}, "linux", Path("/fast/switchyard")),
        ({}, "darwin", HOME / "Library" / "Caches" / "switchyard"),
        ({"LOCALAPPDATA": "/local"}, "win32", Path("/local/switchyard")),
        ({}, "win32", HOME / "AppData" / "Local" / "switchyard"),
    ],
)
def test_the_cache_is_in_the_platforms_place(environ, platform, expected):
    assert cache.place(environ, platform, HOME) == expected


def test_the_caches_own_variable_wins_and_never_means_the_checkout(tmp_path, monkeypatch):
    monkeypatch.setenv("SWITCHYARD_CACHE", str(tmp_path / "there"))
    assert cache.root() == (tmp_path / "there").resolve()
    monkeypatch.setenv("SWITCHYARD_CACHE", str(ROOT / "venv"))
    with pytest.raises(ToolError, match="inside the checkout"):
        cache.root()


def test_a_key_depends_on_every_part_and_on_where_one_ends():
    assert cache.key(["a", "b"]) == cache.key(["a", "b"])
    assert len({cache.key(parts) for parts in (["a", "b"], ["ab"], ["b", "a"], ["a", "b", ""])}) == 4


def test_what_was_half_built_is_built_again_and_what_is_complete_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("SWITCHYARD_CACHE", str(tmp_path))
    part, made = tmp_path / "kind" / "part", []

    def make(folder):
        assert not folder.exists()
        folder.mkdir()
        made.append(folder)
        if len(made) == 1:
            (folder / "half").touch()
            raise ToolError("the network went away")

    with pytest.raises(ToolError):
        cache.built(part, "a part", make)
    assert cache.built(part, "a part", make) == part and not (part / "half").exists()
    assert cache.built(part, "a part", make) == part
    assert cache.built(part, "a part", make, usable=lambda folder: len(made) > 2) == part
    assert len(made) == 3


def test_one_builds_and_the_other_waits(tmp_path, monkeypatch):
    path, order, inside, waiting = tmp_path / "x.lock", [], threading.Event(), threading.Event()
    monkeypatch.setattr(cache, "say", lambda text: waiting.set())

    def first():
        with cache.locked(path, "building"):
            inside.set()
            assert waiting.wait(10)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(10)
    with cache.locked(path, "building"):
        order.append("second")
    thread.join(10)
    assert order == ["first", "second"] and waiting.is_set()


def _held(path):
    with cache.locked(path, "building"):
        return True


def test_a_dead_processs_lock_is_free(tmp_path):
    path = tmp_path / "x.lock"
    code = "import os, sys; from pathlib import Path; from tools import cache\n"
    code += "cache.locked(Path(sys.argv[1]), 'x').__enter__(); os._exit(9)"
    done = subprocess.run([sys.executable, "-c", code, str(path)], cwd=ROOT, timeout=60)
    assert done.returncode == 9 and _held(path)


def test_a_full_disk_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("SWITCHYARD_CACHE", str(tmp_path))
    cache.need_space(0)
    with pytest.raises(ToolError, match=r"needs about 1000000000 GB .* SWITCHYARD_CACHE"):
        cache.need_space(1e9)


@pytest.mark.parametrize("version, word", [((3, 9), "old"), ((3, 15), "new")])
def test_a_python_that_torch_is_not_built_for(version, word):
    venvs.check_python((3, 10))
    venvs.check_python((3, 14))
    with pytest.raises(ToolError, match=f"too {word}: run dev.py with Python 3.10 to 3.14"):
        venvs.check_python(version)


@pytest.mark.parametrize(
    "line, said",
    [
        ("Collecting torch==2.11.0 (from -r x.txt (line 1))", "collecting torch"),
        ("  Downloading torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl (530.6 MB)", "downloading torch-2.11.0 (530.6 MB)"),
        ("  Using cached https://x/y/einops-0.8.1-py3-none-any.whl (64 kB)", "using cached einops-0.8.1 (64 kB)"),
        ("Downloading fire-0.7.tar.gz (87 kB)", "downloading fire-0.7 (87 kB)"),
        ("  Building wheel for fire (pyproject.toml): started", "building fire"),
        ("Installing collected packages: a, b, c", "installing 3 packages"),
        ("Installing collected packages: pip", "installing 1 package"),
        ("Requirement already satisfied: numpy", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_pips_lines_are_condensed(line, said):
    assert steps.condensed(line) == said


@pytest.mark.parametrize(
    "output, said",
    [
        ("... [Errno -3] Temporary failure in name resolution\nERROR: No matching distribution found for torch", "cannot be reached"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: No matching distribution found for torch==9", "the package index has no torch==9 for Python 3"),
        ("x\nERROR: Something else.\n", "Something else."),
        ("", "it said nothing."),
    ],
)  # fmt: skip
def test_pips_failures_are_one_sentence(output, said):
    reason = steps.reason(output)
    assert said in reason and reason.endswith(".") and "\n" not in reason


def test_a_command_that_fails_names_its_log(tmp_path, capfd):
    log = tmp_path / "logs" / "it.log"
    steps.run([sys.executable, "-c", "print('fine')"], "trying", log)
    assert log.read_text() == "fine\n" and "trying: done" in capfd.readouterr().err
    with pytest.raises(ToolError, match=r"trying: no luck\. The log: .*it\.log"):
        steps.run([sys.executable, "-c", "print('ERROR: no luck'); raise SystemExit(3)"], "trying", log)
    with pytest.raises(ToolError, match="cannot be started"):
        steps.run([str(tmp_path / "nothing")], "trying", log)


def _archive(path, members):
    with tarfile.open(path, "w:gz") as tar:
        for name, kind in members.items():
            info = tarfile.TarInfo(name)
            if isinstance(kind, bytes):
                info.size = len(kind)
                tar.addfile(info, io.BytesIO(kind))
            else:
                info.type, info.linkname = kind
                tar.addfile(info)
    return path


def test_only_comfyui_is_unpacked(tmp_path):
    files = {"p-1/setup.py": b"x", "p-1/vendor/ComfyUI/main.py": b"m", "p-1/vendor/ComfyUI/comfy/a.py": b"a"}
    files["p-1/vendor/other/b.py"] = b"b"
    files["p-1/vendor/ComfyUI/comfyui_version.py"] = b'__version__ = "0.1.2"\n'
    comfyui.unpack(_archive(tmp_path / "p.tar.gz", files), tmp_path / "to")
    found = {
        path.relative_to(tmp_path / "to").as_posix()
        for path in (tmp_path / "to").rglob("*")
        if path.is_file()
    }
    assert found == {"main.py", "comfy/a.py", "comfyui_version.py"}


@pytest.mark.parametrize(
    "name, kind",
    [
        ("p-1/vendor/ComfyUI/../../../escaped.py", b"x"),
        ("p-1/vendor/ComfyUI/link", (tarfile.SYMTYPE, "/etc/passwd")),
        ("p-1/vendor/ComfyUI/hard", (tarfile.LNKTYPE, "p-1/setup.py")),
    ],
)
def test_an_archive_that_reaches_out_is_refused(tmp_path, name, kind):
    archive = _archive(tmp_path / "p.tar.gz", {name: kind})
    with pytest.raises(ToolError, match="not unpacked"):
        comfyui.unpack(archive, tmp_path / "deep" / "to")
    assert not list(tmp_path.rglob("escaped.py"))


def test_an_unknown_comfyui_lists_the_known_ones():
    with pytest.raises(ToolError, match=r"no ComfyUI 9\.9 .* 0\.16\.3, .*0\.30\.0"):
        comfyui.source("9.9")


def test_the_python_of_somebodys_comfyui(tmp_path):
    folder = tmp_path / "ComfyUI"
    with pytest.raises(ToolError, match="COMFYUI_PYTHON"):
        environment.find_python(folder, {})
    wanted = [tmp_path / "python_embeded" / "python.exe", folder / ".venv" / "bin" / "python"]
    wanted.append(folder / "venv" / "Scripts" / "python.exe")
    for python in wanted:  # each stands before the one before it
        python.parent.mkdir(parents=True)
        python.touch()
        assert environment.find_python(folder, {}) == python
    assert environment.find_python(folder, {"COMFYUI_PYTHON": str(wanted[0])}) == wanted[0]
    with pytest.raises(ToolError, match="no such file"):
        environment.find_python(folder, {"COMFYUI_PYTHON": str(tmp_path / "nope")})


def test_what_a_child_process_finds_set(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/mine")
    monkeypatch.setenv("FAL_KEY", "secret")
    built = environment.Environment(Path("p"), Path("c"))
    adopted = environment.Environment(Path("p"), Path("c"), Path("over"), own=True)
    assert "PYTHONPATH" not in environment.child(built.variables())
    assert environment.child(adopted.variables())["PYTHONPATH"] == "over"
    assert environment.child(adopted.variables())["PYTHONDONTWRITEBYTECODE"] == "1"
    assert "FAL_KEY" not in environment.child({"FAL_KEY": None}) and "FAL_KEY" in os.environ


def test_an_overlay_holds_only_what_pip_would_add():
    report = {"install": [{"metadata": {"name": "fal-client", "version": "1.0.3"}}]}
    assert environment.lacking(report) == ["fal-client==1.0.3"] and environment.lacking({}) == []


def test_model_folders_of_a_comfyui_become_yaml(tmp_path):
    told = json.loads(serve.model_paths(tmp_path / 'with "quotes"'))
    (places,) = told.values()
    assert set(places) >= {"diffusion_models", "text_encoders", "vae", "loras", "diffusers", "checkpoints"}
    assert places["text_encoders"].split("\n")[1] == str(tmp_path / 'with "quotes"' / "clip")


def test_the_pack_is_linked_once_and_relinked_when_it_moved(tmp_path):
    old, new, at = tmp_path / "old", tmp_path / "new", tmp_path / "custom_nodes" / "pack"
    for folder in (old, new):
        folder.mkdir()
        (folder / "here").write_text(folder.name)
    for folder in (old, old, new):
        server.link(folder, at)
        assert (at / "here").read_text() == folder.name
    assert (old / "here").exists()


def test_a_server_that_dies_says_its_last_words(tmp_path):
    (tmp_path / "main.py").write_text("raise SystemExit('no torch here')")
    dying = server.ComfyServer(sys.executable, tmp_path, tmp_path / "base", None)
    with pytest.raises(ToolError, match=r"(?s)did not start.*no torch here"):
        dying.start()
    assert dying.process is None and dying.log_text().strip() == "no torch here"


FAKE_COMFYUI = """
import http.server, json, os, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self): self.reply(200, {"path": self.path, "key": os.environ.get("FAL_KEY"), "argv": sys.argv})
    def do_POST(self): self.reply(400, {"got": json.loads(self.rfile.read(int(self.headers["Content-Length"])))})
    def log_message(self, *_): pass
    def reply(self, status, facts):
        body = json.dumps(facts).encode()
        self.send_response(status); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
print("Cannot import /x/ComfyUI-Switchyard module for custom nodes: no such thing", flush=True)
port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.ThreadingHTTPServer(("127.0.0.1", port), Answer).serve_forever()
"""


def test_a_server_is_started_asked_and_stopped(tmp_path, monkeypatch):
    monkeypatch.setenv("FAL_KEY", "secret")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    (tmp_path / "main.py").write_text(FAKE_COMFYUI)
    base, pack = tmp_path / "base", tmp_path / "pack"
    pack.mkdir()
    made = server.ComfyServer(sys.executable, tmp_path, base, pack, extra=["--cpu"], env={"FAL_KEY": None})
    with made as running:
        facts = running.get("/facts")
        assert facts["path"] == "/facts" and facts["key"] is None
        assert facts["argv"][-1] == "--cpu" and str(base) in facts["argv"]
        assert running.post("/prompt", {"a": 1}) == (400, {"got": {"a": 1}})
        assert (base / "custom_nodes" / server.PACK_FOLDER).resolve() == pack
        assert running.import_failure() == "no such thing"
        process = running.process
    assert process.poll() is not None and not made.alive()
    with pytest.raises(OSError):
        made.get("/facts", timeout=2)


def test_both_lists_of_requirements_are_read_alike():
    text = '[project]\nname = "x"\ndependencies = [\n    "b[extra]>=1,<2",\n    "a",\n]\n[tool.x]\ndependencies = ["no"]\n'
    assert check.project_requirements(text) == ["a", "b[extra]>=1,<2"]
    assert check.file_requirements("b[extra]>=1,<2  # why\n\n# nothing\na\n") == ["a", "b[extra]>=1,<2"]
    assert check.project_requirements('[tool.x]\ndependencies = ["no"]\n') == []


def test_help_names_every_command_on_a_line():
    done = subprocess.run([sys.executable, "dev.py"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    for command in ("env", "serve", "demo", "test", "check", "plan"):
        assert any(line.strip().startswith(command + " ") for line in done.stdout.splitlines()), command
