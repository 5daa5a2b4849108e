"""Any sentence-transformers or transformers model: a folder on disk, or a hub id such as ``BAAI/bge-small-zh-v1.5``.

Nothing of a model is executed (``trust_remote_code`` stays off). The hub is asked once, briefly; a model that is in
the hub's local cache is taken from there.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from data.problem import DuijieError
from features.encoding import (
    Deferred,
    EncoderSettings,
    Floats,
    Loaded,
    Progress,
    Run,
    require,
)

HUB_SECONDS = 8.0

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_WANTED = ("*.json", "*.safetensors", "*.model", "*.txt", "*.bin")
_WEIGHTS = (".safetensors", ".bin", ".model", ".json", ".txt")


class Folder:
    """``folder``: takes every name that no other encoder bears."""

    name = "folder"

    def load(self, model: str, settings: EncoderSettings) -> Loaded:
        """See :class:`features.encoding.Encoder`."""
        require("torch", "sentence_transformers")
        path = Path(model).expanduser()
        folder = path if path.is_dir() else _from_hub(model)
        prompt = own_prompt(folder, model) if settings.prompt is None else settings.prompt
        fingerprint = f"folder-{digest(folder)}-{settings.dtype}-{settings.max_tokens}-{prompt!r}"
        return Deferred(fingerprint, dimensions(folder), partial(_start, folder, prompt, settings))


def own_prompt(folder: Path, model: str) -> str:
    """The prompt for comparing like with like: the folder's ``query`` prompt, E5's by name, else none."""
    prompts = _read(folder / "config_sentence_transformers.json").get("prompts") or {}
    if "query" in prompts:
        return str(prompts["query"])
    return "query: " if re.search(r"(^|[/_-])e5[-_]", model.lower()) else ""


def digest(folder: Path) -> str:
    """Digest of everything in a model folder that shapes its vectors: names and contents of weights and settings."""
    total = hashlib.blake2b(digest_size=16)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _WEIGHTS and not path.name.startswith((".", "duijie-")):
            with path.open("rb") as stream:
                total.update(path.relative_to(folder).as_posix().encode())
                total.update(hashlib.file_digest(stream, "blake2b").digest())
    return total.hexdigest()


def dimensions(folder: Path) -> int:
    """Length of the vectors, read from the settings of the last module that changes it.

    Raises
    ------
    DuijieError
        ``encoder.unavailable`` when the folder is no model.
    """
    found = _read(folder / "config.json").get("hidden_size")
    for module in _read(folder / "modules.json") or ():
        settings = _read(folder / module.get("path", "") / "config.json")
        for key in ("word_embedding_dimension", "embedding_dimension", "out_features"):
            found = settings.get(key, found)
    if not isinstance(found, int):
        raise DuijieError(
            "encoder.unavailable",
            f"{folder} 中没有模型 / holds no model",
            "a sentence-transformers folder has modules.json",
        )
    return found


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _from_hub(model: str) -> Path:
    if not _HUB_ID.fullmatch(model):
        raise DuijieError(
            "encoder.unavailable",
            f"{model!r} 不是编码器、文件夹或模型编号 / is neither an encoder, a folder nor a hub id",
        )
    from huggingface_hub import HfApi, snapshot_download

    with suppress(Exception):  # not in the local cache: whatever the client then raises
        return Path(snapshot_download(model, allow_patterns=list(_WANTED), local_files_only=True))
    try:
        HfApi().model_info(model, timeout=HUB_SECONDS)
        return Path(snapshot_download(model, allow_patterns=list(_WANTED), etag_timeout=HUB_SECONDS))
    except Exception as error:  # the client raises errors of several libraries; all mean the same here
        raise DuijieError(
            "encoder.unavailable",
            f"无法从模型库取得 {model} / the hub does not give it: {type(error).__name__}",
            "name a folder on this machine",
        ) from error


def _start(folder: Path, prompt: str, settings: EncoderSettings) -> Run:
    import torch
    from sentence_transformers import SentenceTransformer

    kind = {"bf16": torch.bfloat16}.get(settings.dtype, torch.float32)
    try:
        model = SentenceTransformer(
            str(folder),
            device="cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs={"dtype": kind},
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise DuijieError("encoder.unavailable", f"{folder.name} 无法载入 / cannot be loaded: {error}") from error
    model.max_seq_length = min(settings.max_tokens, model.max_seq_length or settings.max_tokens)

    def run(texts: Sequence[str], progress: Progress | None) -> Floats:
        torch.set_num_threads(settings.threads)
        parts, done = [], 0
        for start in range(0, len(texts), 512):
            chunk = [prompt + text for text in texts[start : start + 512]]
            given = model.encode(
                chunk,
                batch_size=16,
                prompt="",
                convert_to_numpy=True,
                show_progress_bar=False,
            )
            vectors = np.asarray(given, np.float32)
            parts.append(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12))
            done += len(chunk)
            if progress:
                progress(done)
        return np.concatenate(parts)

    return run


ENCODER = Folder()
