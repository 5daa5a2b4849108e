"""Run the converted model with torch alone.

The forward pass of a BERT encoder is short; running it here spares importing transformers and sentence-transformers,
which costs more than encoding a few hundred sentences. A test holds the vectors equal to theirs.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.e5.files import TOKENIZER, WEIGHTS

Floats = NDArray[np.float32]

_BATCH_TOKENS = 1024  # of a padded batch: more falls out of the processor's cache and is slower
_CHUNK_TEXTS = 4096


class Network:
    """The encoder, ready to run.

    Parameters
    ----------
    folder
        A folder written by :func:`features.e5.files.write_model`.
    dtype
        ``fp32``, ``bf16``, or ``int8`` (linear layers with 8-bit weights and activations quantised as they come).
    prompt
        Put before every text.
    """

    def __init__(self, folder: Path, dtype: str, prompt: str, max_tokens: int, threads: int) -> None:
        from safetensors.torch import load_file
        from tokenizers import Tokenizer

        self.threads = threads
        self.prompt = prompt
        self.tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self.tokenizer.enable_truncation(max_tokens)
        config = json.loads((folder / "config.json").read_text("utf-8"))
        self.pad = int(config["pad_token_id"])
        self.width = int(config["hidden_size"])
        self.forward = _forward(load_file(folder / WEIGHTS), config, dtype)

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Floats:
        """Unit vectors (n, d). ``progress`` is told how many texts are done."""
        vectors = np.empty((len(texts), self.width), np.float32)
        order = np.argsort([-len(text) for text in texts], kind="stable")
        for start in range(0, len(order), _CHUNK_TEXTS):
            chunk = order[start : start + _CHUNK_TEXTS]
            tokens = [each.ids for each in self.tokenizer.encode_batch([self.prompt + texts[i] for i in chunk])]
            told = partial(_add, progress, start) if progress else None
            vectors[chunk] = self._encode_tokens(tokens, told)
        return vectors

    def encode_pieces(self, pieces: Sequence[int]) -> Floats:
        """Unit vectors of single pieces of the vocabulary, each between the two end marks."""
        first, last = (int(self.tokenizer.token_to_id(mark) or 0) for mark in ("<s>", "</s>"))
        return self._encode_tokens([[first, int(piece), last] for piece in pieces], None)

    def _encode_tokens(self, tokens: list[list[int]], progress: Callable[[int], None] | None) -> Floats:
        import torch

        vectors = np.empty((len(tokens), self.width), np.float32)
        torch.set_num_threads(1)  # a thread a batch: torch's own wait by spinning, six times slower on a busy machine
        done, lock = 0, threading.Lock()

        def run(rows: NDArray[np.intp]) -> None:
            nonlocal done
            with torch.inference_mode():
                vectors[rows] = self._run([tokens[row] for row in rows])
            with lock:
                done += len(rows)
                if progress:
                    progress(done)

        with ThreadPoolExecutor(self.threads) as pool:
            list(pool.map(run, batches([len(ids) for ids in tokens], _BATCH_TOKENS)))
        return vectors

    def _run(self, tokens: list[list[int]]) -> Floats:
        import torch

        lengths = [len(ids) for ids in tokens]
        longest = max(lengths)
        padded = torch.tensor([ids + [self.pad] * (longest - len(ids)) for ids in tokens])
        return np.asarray(self.forward(padded, torch.tensor(lengths)).numpy())


def _add(progress: Callable[[int], None], before: int, done: int) -> None:
    progress(before + done)


def batches(lengths: Sequence[int], budget: int) -> list[NDArray[np.intp]]:
    """Cut texts into batches of similar length, each of at most ``budget`` tokens with padding, or of one text."""
    order = np.argsort(-np.asarray(lengths), kind="stable")
    cut = []
    start = 0
    while start < len(order):
        size = max(1, budget // max(1, lengths[order[start]]))
        cut.append(order[start : start + size])
        start += size
    return cut


def _forward(weights: dict[str, Any], config: dict[str, Any], dtype: str) -> Callable[[Any, Any], Any]:
    """A function (token ids (b, t), lengths (b,)) -> unit vectors (b, d), float32."""
    import torch
    from torch.nn import functional

    kind = torch.bfloat16 if dtype == "bf16" else torch.float32
    heads, epsilon = int(config["num_attention_heads"]), float(config["layer_norm_eps"])
    words = weights["embeddings.word_embeddings.weight"]  # stays mapped: only the rows in use are read
    places = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    layers = [
        _layer(weights, f"encoder.layer.{i}.", kind, dtype, epsilon) for i in range(int(config["num_hidden_layers"]))
    ]
    first = _norm(weights, "embeddings.LayerNorm", kind, epsilon)

    def forward(ids: Any, lengths: Any) -> Any:
        rows, columns = ids.shape
        real = torch.arange(columns)[None, :] < lengths[:, None]
        mask = None if bool(real.all()) else real[:, None, None, :]
        x = (functional.embedding(ids, words) + places[:columns]).to(kind)
        width = x.shape[-1]
        x = first(x)
        for mix, out, norm1, widen, narrow, norm2 in layers:
            q, k, v = mix(x).view(rows, columns, 3, heads, -1).permute(2, 0, 3, 1, 4)
            seen = functional.scaled_dot_product_attention(q, k, v, mask).transpose(1, 2).reshape(rows, columns, width)
            x = norm1(x + out(seen))
            x = norm2(x + narrow(functional.gelu(widen(x))))
        mean = (x.float() * real[:, :, None]).sum(1) / lengths[:, None]
        return functional.normalize(mean, dim=1)

    return forward


def _norm(weights: dict[str, Any], name: str, kind: Any, epsilon: float) -> Callable[[Any], Any]:
    from torch.nn import functional

    weight, bias = (weights[f"{name}.{part}"].to(kind) for part in ("weight", "bias"))
    return lambda x: functional.layer_norm(x, weight.shape, weight, bias, epsilon)


def _layer(weights: dict[str, Any], prefix: str, kind: Any, dtype: str, epsilon: float) -> tuple[Any, ...]:
    import torch

    def linear(*names: str) -> Any:
        weight = torch.cat([weights[f"{prefix}{name}.weight"] for name in names])
        bias = torch.cat([weights[f"{prefix}{name}.bias"] for name in names])
        made = torch.nn.utils.skip_init(torch.nn.Linear, weight.shape[1], weight.shape[0])
        made.weight.data, made.bias.data = weight, bias
        if dtype == "int8":
            wrapped = torch.nn.Sequential(made)
            return torch.ao.quantization.quantize_dynamic(wrapped, {torch.nn.Linear}, torch.qint8)[0]
        return made.to(kind)

    return (
        linear("attention.self.query", "attention.self.key", "attention.self.value"),
        linear("attention.output.dense"),
        _norm(weights, f"{prefix}attention.output.LayerNorm", kind, epsilon),
        linear("intermediate.dense"),
        linear("output.dense"),
        _norm(weights, f"{prefix}output.LayerNorm", kind, epsilon),
    )
