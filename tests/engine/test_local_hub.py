"""Downloads with the real huggingface_hub, from a hub on loopback: what is fetched, what goes on, and what is said."""

import errno
import hashlib
import json
import shutil
from collections import namedtuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from switchyard.engine.errors import BadInput
from switchyard.engine.local import hub as engine
from switchyard.engine.local.hub import download, look_up
from switchyard.engine.local.hub_files import RemoteFile, folder_name, is_safe, wanted
from switchyard.tests import hub_emulator

constants = pytest.importorskip("huggingface_hub.constants")
file_download = pytest.importorskip("huggingface_hub.file_download")

ID = "Some-Org/Tiny-Image"
TOKEN = "hf_secretsecretsecret"
INDEX = {
    "_class_name": "QwenImagePipeline",
    "_diffusers_version": "0.42.1",
    "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    "text_encoder": ["transformers", "Qwen2_5_VLForConditionalGeneration"],
    "tokenizer": ["transformers", "Qwen2Tokenizer"],
    "transformer": ["diffusers", "QwenImageTransformer2DModel"],
    "image_encoder": [None, None],
    "vae": ["diffusers", "AutoencoderKLQwenImage"],
}


def noise(size: int, seed: int) -> bytes:
    return hashlib.shake_256(bytes([seed])).digest(size)


NEEDED = {
    "model_index.json": json.dumps(INDEX).encode(),
    "LICENSE.md": b"terms",
    "scheduler/scheduler_config.json": b"{}",
    "text_encoder/config.json": b"{}",
    "text_encoder/model-00001-of-00002.safetensors": noise(5000, 1),
    "text_encoder/model-00002-of-00002.safetensors": noise(4000, 2),
    "text_encoder/model.safetensors.index.json": b'{"weight_map": {}}',
    "tokenizer/merges.txt": b"a b",
    "tokenizer/vocab.json": b"{}",
    "tokenizer/chat_template.jinja": b"x",
    "transformer/config.json": b"{}",
    "transformer/diffusion_pytorch_model.safetensors": noise(9000, 3),
    "vae/config.json": b"{}",
    "vae/diffusion_pytorch_model.safetensors": noise(3000, 4),
}
UNWANTED = {
    "README.md": b"hello",
    ".gitattributes": b"x",
    "qwen-image.safetensors": noise(3000, 5),
    "assets/picture.png": b"x",
    "image_encoder/model.safetensors": b"x",
    "text_encoder/model.safetensors": noise(3000, 6),
    "text_encoder/pytorch_model.bin": b"x",
    "transformer/diffusion_pytorch_model.fp16.safetensors": b"x",
    "transformer/modeling.py": b"x",
    "vae/deep/er/config.json": b"{}",
    "onnx/model.onnx": b"x",
}
LARGE = "transformer/diffusion_pytorch_model.safetensors"


@pytest.fixture
def hub(monkeypatch, tmp_path):
    made = hub_emulator.Hub({ID: {**NEEDED, **UNWANTED}})
    with hub_emulator.running(made):
        monkeypatch.setenv("HF_ENDPOINT", made.address)
        monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "home" / "token"))
        monkeypatch.setattr(
            file_download.time, "sleep", lambda seconds: None
        )  # its pauses before trying again
        monkeypatch.setattr(engine, "SPARE", 0)
        monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)
        yield made


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "models" / "diffusers"
    folder.mkdir(parents=True)
    return folder


def files_in(folder) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def refused(root, repository=ID, **more) -> str:
    with pytest.raises(BadInput) as trouble:
        download(repository, root, **more)
    said = str(trouble.value)
    assert TOKEN not in said and "\n" not in said and said.endswith(".")
    assert trouble.value.__cause__ is None and (
        trouble.value.__suppress_context__ or trouble.value.__context__ is None
    )
    return said


def test_only_what_is_needed_is_fetched_and_shown(hub, root):
    told = []
    folder = download(ID, root, progress=lambda *now: told.append(now))
    assert folder == root / "Tiny-Image" and files_in(folder) == NEEDED
    total = sum(map(len, NEEDED.values()))
    assert told[-1][:2] == (total, total) and {one[1] for one in told} == {total}
    assert [one[0] for one in told] == sorted(one[0] for one in told)
    assert {one[2] for one in told} == set(NEEDED)
    before = len(hub.seen)
    assert download(ID, root) == folder
    assert len(hub.seen) == before + 1, "what is whole is not fetched again"


def test_the_token_goes_to_the_hub_alone(hub, root):
    download(ID, root)
    assert {one.token for one in hub.seen if one.host == "hub"} == {f"Bearer {TOKEN}"}
    assert hub.asked("store") and {one.token for one in hub.seen if one.host == "store"} == {""}


def test_components_that_are_had_elsewhere_are_left_out(hub, root):
    assert look_up(ID, root, skip=("text_encoder", "vae")).total < look_up(ID, root).total
    folder = download(ID, root, skip=("text_encoder", "vae"))
    assert set(files_in(folder)) == {
        path for path in NEEDED if not path.startswith(("text_encoder/", "vae/"))
    }
    assert files_in(download(ID, root)) == NEEDED


class Cancelled(BaseException):
    """As ComfyUI's own is none of Exception."""


@pytest.mark.parametrize("kind", [Cancelled, ValueError])
def test_what_was_begun_goes_on_where_it_stopped(hub, root, kind):
    def stop(done, total, file):
        if file == LARGE and done % 1000 and done > total - 7000:
            raise kind("enough")

    with pytest.raises(kind, match="enough"):
        download(ID, root, progress=stop)
    folder = root / "Tiny-Image"
    assert not (folder / "model_index.json").exists() and not (folder / LARGE).exists()
    (part,) = (folder / "transformer").glob("*.safetensors.*.part")
    arrived = part.stat().st_size
    assert 0 < arrived < len(NEEDED[LARGE])
    assert look_up(ID, root).there > arrived
    hub.seen.clear()
    assert files_in(download(ID, root)) == NEEDED
    assert next(one.start for one in hub.seen if one.host == "store" and one.path.endswith(LARGE)) == arrived


def test_cancel_is_asked_before_anything_is_fetched(hub, root):
    def check():
        raise Cancelled

    with pytest.raises(Cancelled):
        download(ID, root, check=check)
    assert hub.asked("store") == []


def test_a_line_that_breaks_is_taken_up_again(hub, root):
    hub.faults[LARGE] = ["cut", "cut"]
    assert files_in(download(ID, root)) == NEEDED
    starts = [one.start for one in hub.seen if one.path.endswith(LARGE) and one.host == "store"]
    assert len(starts) == 3 and 0 == starts[0] < starts[1] < starts[2]


def test_a_server_that_cannot_go_on_starts_anew(hub, root):
    hub.faults[LARGE] = ["cut", "from the start"]
    assert files_in(download(ID, root)) == NEEDED


def test_an_answer_that_is_too_short_stays_a_part(hub, root):
    hub.faults[LARGE] = ["short"] * 2
    assert f"The download of {ID} broke off" in refused(root)
    assert (
        not (root / "Tiny-Image" / LARGE).exists() and not (root / "Tiny-Image" / "model_index.json").exists()
    )
    assert files_in(download(ID, root)) == NEEDED


def test_a_wrong_checksum_is_thrown_away(hub, root):
    hub.faults[LARGE] = ["damaged"]
    assert f"{LARGE} of {ID} arrived damaged" in refused(root)
    assert not list((root / "Tiny-Image" / "transformer").glob("*.part"))
    assert files_in(download(ID, root)) == NEEDED
    shutil.rmtree(root / "Tiny-Image")
    hub.listed["tokenizer/merges.txt"] = {"blobId": "0" * 40}
    assert "tokenizer/merges.txt" in refused(root)


def test_a_spoilt_part_is_found_out(hub, root):
    part = engine.Part(
        root / "Tiny-Image", next(file for file in look_up(ID, root).files if file.path == LARGE)
    ).path
    part.parent.mkdir(parents=True)
    part.write_bytes(b"z" * 4000)
    assert "arrived damaged" in refused(root)
    part.write_bytes(b"z" * 99999)  # longer than the whole: not even begun with
    assert files_in(download(ID, root)) == NEEDED


def test_another_version_is_not_mixed_in(hub, root):
    hub.faults[LARGE] = ["503"] * 9
    old = root / "Tiny-Image" / "transformer"
    old.mkdir(parents=True)
    (old / "diffusion_pytorch_model.safetensors.aaaaaaaaaaaa.part").write_bytes(b"old")
    (old / "config.json").write_bytes(b"[]")  # of the same size, and another
    refused(root)
    hub.faults.clear()
    assert files_in(download(ID, root)) == NEEDED


@pytest.mark.parametrize("token", ["", TOKEN])
def test_gated_repositories(hub, root, monkeypatch, token):
    hub.gated.add(ID)
    monkeypatch.setenv("HF_TOKEN", token)
    said = refused(root)
    assert f"accept them at {hub.address}/{ID}" in said and "HF_TOKEN" in said
    assert ("has no access to it yet" if token else "No login was found") in said
    hub.granted.add(TOKEN)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert files_in(download(ID, root)) == NEEDED


def test_what_is_not_there(hub, root):
    assert "There is no Some-Org/Nothing on the hub, or it is private" in refused(root, "Some-Org/Nothing")
    hub.repositories["A/B"] = {"model.safetensors": b"x"}
    assert "has no model_index.json" in refused(root, "A/B")
    hub.repositories["A/C"] = {
        **NEEDED,
        "model_index.json": b'{"unet": ["diffusers", "UNet2DConditionModel"]}',
    }
    assert "names no transformer" in refused(root, "A/C")
    hub.repositories["A/D"] = {**NEEDED, "model_index.json": b"<html>"}
    assert "cannot be read" in refused(root, "A/D")
    pickled = {path: content for path, content in NEEDED.items() if not path.endswith(".safetensors")}
    hub.repositories["A/E"] = {**pickled, "vae/diffusion_pytorch_model.bin": b"x"}
    assert "its vae only as a pickle" in refused(root, "A/E")
    assert not any(path for path in root.rglob("*") if path.is_file() and path.suffix != ".part")


def test_a_hub_in_trouble(hub, root):
    for status, word in (
        (500, "error 500"),
        (503, "error 503"),
        (429, "patience"),
        (401, "login"),
        (403, "accepted its terms"),
    ):
        hub.status = status
        assert word in refused(root), status
    hub.status = 0
    hub.faults[LARGE] = ["404"]
    assert "error 404" in refused(root)
    assert files_in(download(ID, root)) == NEEDED


def test_nobody_answers(root, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(file_download.time, "sleep", lambda seconds: None)
    assert "broke off" in refused(root)


def test_offline_is_said(hub, root, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE" in refused(root)


def test_the_disk_is_asked_before(hub, root, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(engine.shutil, "disk_usage", lambda path: usage(10**6, 0, 20_000))
    said = refused(root)
    assert "still needs" in said and "make room" in said and hub.asked("store") == []
    monkeypatch.setattr(engine.shutil, "disk_usage", lambda path: usage(10**6, 0, 30_000))
    assert files_in(download(ID, root)) == NEEDED


def test_a_disk_that_fills_up(hub, root, monkeypatch):
    plain = engine.Part.write

    def write(self, piece):
        if self.path.name.startswith("diffusion"):
            raise OSError(errno.ENOSPC, "No space left on device", str(self.path))
        return plain(self, piece)

    monkeypatch.setattr(engine.Part, "write", write)
    said = refused(root)
    assert "The disk is full" in said and str(root) not in said
    monkeypatch.undo()


@pytest.mark.parametrize(
    "repository",
    [
        "",
        "x",
        "../x",
        "a/../b",
        "a/b/c",
        "/etc/passwd",
        "a/.hidden",
        "a/b..",
        "C:\\x/y",
        "a/b\n",
        "a b/c",
        "https://host/a/b",
        "a/b.git",
    ],
)
def test_what_is_no_id_never_reaches_the_hub(hub, root, repository):
    assert "no repository of the hub" in refused(root, repository)
    assert hub.seen == [] and list(root.iterdir()) == []


def test_paths_that_would_leave_the_folder_are_not_written(hub, root, tmp_path):
    evil = {"../evil.json": b"x", "vae/../../evil.json": b"x", "vae/..\\evil.json": b"x", "C:/evil.json": b"x", "vae/nul.json": b"x",
            "/abs.json": b"x", "vae/.hidden.json": b"x"}  # fmt: skip
    hub.repositories[ID] |= evil
    assert files_in(download(ID, root)) == NEEDED
    assert {path.name for path in tmp_path.iterdir()} <= {"models", "home"}


def test_links_that_lead_out_are_not_followed(hub, root, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "Tiny-Image").symlink_to(outside)
    assert "a link that leads out of models/diffusers" in refused(root)
    (root / "Tiny-Image").unlink()
    (root / "Tiny-Image").mkdir()
    (root / "Tiny-Image" / "vae").symlink_to(outside)
    assert "vae in models/diffusers/Tiny-Image is a link" in refused(root)
    assert list(outside.iterdir()) == []


def test_a_models_folder_that_is_a_link_is_the_persons_own(hub, tmp_path):
    (tmp_path / "big disk").mkdir()
    (tmp_path / "diffusers").symlink_to(tmp_path / "big disk")
    download(ID, tmp_path / "diffusers")
    assert files_in(tmp_path / "big disk" / "Tiny-Image") == NEEDED


def test_the_folder_is_a_model(hub, root, tmp_path):
    """A real one, to the point where it is found."""
    from switchyard.engine.local.family import families
    from switchyard.engine.local.find import look
    from switchyard.tests.tiny import files, pipelines

    made = pipelines.folder(tmp_path / "made", "flux-1-schnell-local")
    hub.repositories["Some-Org/FLUX.1-schnell"] = {**files_in(made), "flux1-schnell.safetensors": b"x"}
    download("Some-Org/FLUX.1-schnell", root)
    found = look(families()["flux-1-schnell-local"], files.folders(root.parent))
    assert found.complete and found.sources.hub == root.resolve() / "FLUX.1-schnell"


@given(
    st.text(max_size=40)
    | st.lists(st.sampled_from(["..", ".", "/", "\\", "a", "vae", ":", "con", " ", "\0", "é"])).map("".join)
)
def test_no_path_is_too_odd(path):
    if is_safe(path):
        assert (
            ".." not in path.split("/")
            and not path.startswith(("/", "."))
            and not set(path) & set(':\\*?"<>|\0\n')
        )


@given(st.text(max_size=30))
def test_no_id_is_too_odd(repository):
    try:
        name = folder_name(repository)
    except BadInput:
        return
    assert is_safe(name) and "/" not in name


def test_names_that_are_one_on_some_disks():
    files = [RemoteFile("vae/a.json", 1), RemoteFile("vae/A.json", 1)]
    with pytest.raises(BadInput, match="large and small letters"):
        wanted(ID, files, ("vae",))
    only = [RemoteFile("vae/model.fp16.safetensors", 1), RemoteFile("vae/pytorch_model.bin", 1)]
    assert [file.path for file in wanted(ID, only, ("vae",))] == ["vae/model.fp16.safetensors"]


def test_files_that_are_too_large_for_this_way(hub, root):
    hub.listed[LARGE] = {"size": 60 * 10**9}
    assert "in one piece of 60.0 GB" in refused(root)
