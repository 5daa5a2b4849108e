"""Keep the converted model as an ordinary sentence-transformers folder in a cache.

Whatever happens (two processes at once, a kill half way, a flipped bit), a folder found under its final name is whole:
it is written beside, sealed with the digests of its files, and renamed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np

from data.problem import DuijieError
from features.e5.weights import (
    SHA256,
    SPECIAL,
    WeightFile,
    kept_pieces,
    locate,
    parse,
    verify,
)

VERSION = 1  # of the conversion; raise it when the folder's content changes
SEAL = "duijie-seal.json"
WEIGHTS = "model.safetensors"
TOKENIZER = "tokenizer.json"
MAX_TOKENS = 512
PROMPTS = {"query": "query: ", "passage": "passage: ", "document": "passage: "}

_STALE_SECONDS = 3600.0


def model_folder(cache_dir: Path, *, thorough: bool = False) -> Path:
    """The converted model, an ordinary sentence-transformers folder (for fine-tuning, say); made when missing.

    Raises
    ------
    DuijieError
        ``encoder.unavailable`` when the wheel is missing or holds another file, or the cache cannot be written.
    """
    target = cache_dir / "models" / f"e5-small-zh-v{VERSION}-{SHA256[:12]}"
    return keep(target, _convert, thorough=thorough)


def _convert(folder: Path) -> None:
    path = locate()
    verify(path)
    write_model(parse(path), folder)


def keep(target: Path, write: Callable[[Path], None], *, thorough: bool = False) -> Path:
    """The folder ``target``, whole; ``write(folder)`` fills it when it is missing or damaged.

    ``thorough`` also compares digests (a second for the model); without it, only files and sizes count.

    Raises
    ------
    DuijieError
        ``encoder.unavailable`` when the cache cannot be written.
    """
    if whole(target, thorough=thorough):
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent)
        draft = target.parent / f".draft-{target.name}-{uuid.uuid4().hex}"
        draft.mkdir()
        try:
            write(draft)
            _seal(draft)
            _publish(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        hint = "DUIJIE_CACHE names another folder"
        raise DuijieError(
            "encoder.unavailable", f"无法写入模型缓存 / cannot write the model cache: {error}", hint
        ) from error
    return target


def whole(folder: Path, *, thorough: bool = False) -> bool:
    """Whether a sealed folder has all its files at their sizes; ``thorough`` compares the digests too."""
    try:
        sealed = json.loads((folder / SEAL).read_text("utf-8"))
        for name, (size, digest) in sealed.items():
            path = folder / name
            if path.stat().st_size != size or (thorough and _digest(path) != digest):
                return False
    except (OSError, ValueError, TypeError, AttributeError):
        return False
    return bool(sealed)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "blake2b").hexdigest()


def _seal(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sealed = {path.relative_to(folder).as_posix(): (path.stat().st_size, _digest(path)) for path in files}
    (folder / SEAL).write_text(json.dumps(sealed, indent=1), "utf-8")


def _publish(draft: Path, target: Path) -> None:
    for _ in range(8):  # another process may publish or repair at the same moment; each round one of us wins
        try:
            draft.rename(target)
            return
        except OSError:
            if whole(target, thorough=True):
                return
            aside = target.parent / f".draft-damaged-{uuid.uuid4().hex}"
            try:
                target.rename(aside)
            except FileNotFoundError:
                continue
            shutil.rmtree(aside, ignore_errors=True)
    raise OSError(f"{target} cannot be replaced")


def _sweep(parent: Path) -> None:
    """Remove drafts left by processes that were killed."""
    for path in parent.glob(".draft-*"):
        try:
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
        except FileNotFoundError:
            continue


def write_model(source: WeightFile, folder: Path) -> None:
    """Write ``source``, vocabulary pruned to Chinese and ASCII, as a sentence-transformers folder (float32)."""
    from safetensors.numpy import save_file

    rows = kept_pieces(source.pieces)
    size = source.dimensions
    save_file(_tensors(source, rows), folder / WEIGHTS, metadata={"format": "pt"})
    (folder / WEIGHTS).chmod(
        (folder / WEIGHTS).stat().st_mode | 0o044
    )  # the library makes it private; a cache may be shared
    kept = [source.pieces[row] for row in rows]
    (folder / TOKENIZER).write_text(tokenizer_json(kept, source.scores[rows].tolist()), "utf-8")
    _json(folder / "config.json", _network_config(source, kept))
    names = dict(zip(("bos", "pad", "eos", "unk"), SPECIAL, strict=True))
    tokens = {f"{role}_token": token for role, token in names.items()}
    tokens |= {"cls_token": SPECIAL[0], "sep_token": SPECIAL[2], "mask_token": "<mask>"}
    tokens |= {"tokenizer_class": "PreTrainedTokenizerFast"}
    _json(folder / "tokenizer_config.json", {**tokens, "model_max_length": MAX_TOKENS})
    _json(
        folder / "sentence_bert_config.json",
        {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
    )
    _json(
        folder / "config_sentence_transformers.json",
        {"prompts": PROMPTS, "similarity_fn_name": "cosine"},
    )
    modules = [
        ("", "Transformer"),
        ("1_Pooling", "Pooling"),
        ("2_Normalize", "Normalize"),
    ]
    listed = [
        {
            "idx": place,
            "name": str(place),
            "path": path,
            "type": f"sentence_transformers.models.{kind}",
        }
        for place, (path, kind) in enumerate(modules)
    ]
    _json(folder / "modules.json", listed)
    pooling = {
        "word_embedding_dimension": size.hidden,
        "pooling_mode_mean_tokens": True,
        "include_prompt": True,
    }
    (folder / "1_Pooling").mkdir()
    _json(
        folder / "1_Pooling" / "config.json",
        {**pooling, "pooling_mode_cls_token": False},
    )
    (folder / "2_Normalize").mkdir()
    _json(folder / "2_Normalize" / "config.json", {})


def _json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), "utf-8")


def _network_config(source: WeightFile, kept: list[str]) -> dict[str, object]:
    size = source.dimensions
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "dtype": "float32",
        "hidden_act": "gelu",
        "hidden_size": size.hidden,
        "num_hidden_layers": size.layers,
        "num_attention_heads": size.heads,
        "intermediate_size": size.feed_forward,
        "max_position_embeddings": size.positions,
        "type_vocab_size": size.types,
        "vocab_size": len(kept),
        "layer_norm_eps": size.epsilon,
        "bos_token_id": kept.index("<s>"),
        "pad_token_id": kept.index("<pad>"),
        "eos_token_id": kept.index("</s>"),
    }


def _tensors(source: WeightFile, rows: np.ndarray) -> dict[str, np.ndarray]:
    size = source.dimensions
    hidden, wide = size.hidden, size.feed_forward
    tensors = {
        "embeddings.word_embeddings.weight": source.tensor("emb.word", (size.vocabulary, hidden), rows),
        "embeddings.position_embeddings.weight": source.tensor("emb.pos", (size.positions, hidden)),
        "embeddings.token_type_embeddings.weight": source.tensor("emb.type", (size.types, hidden)),
        "embeddings.LayerNorm.weight": source.tensor("emb.ln.w", (hidden,)),
        "embeddings.LayerNorm.bias": source.tensor("emb.ln.b", (hidden,)),
        # The pooler is never run; without it a loader would draw random ones and the folder would not be stable.
        "pooler.dense.weight": np.zeros((hidden, hidden), np.float32),
        "pooler.dense.bias": np.zeros(hidden, np.float32),
    }
    matrices = (
        ("q", "attention.self.query", hidden, hidden),
        ("k", "attention.self.key", hidden, hidden),
        ("v", "attention.self.value", hidden, hidden),
        ("ao", "attention.output.dense", hidden, hidden),
        ("fi", "intermediate.dense", wide, hidden),
        ("fo", "output.dense", hidden, wide),
    )
    for layer in range(size.layers):
        into = f"encoder.layer.{layer}."
        for short, name, outputs, inputs in matrices:
            tensors[f"{into}{name}.weight"] = source.tensor(f"l{layer}.{short}.w", (outputs, inputs))
            tensors[f"{into}{name}.bias"] = source.tensor(f"l{layer}.{short}.b", (outputs,))
        for short, name in (
            ("aln", "attention.output.LayerNorm"),
            ("oln", "output.LayerNorm"),
        ):
            tensors[f"{into}{name}.weight"] = source.tensor(f"l{layer}.{short}.w", (hidden,))
            tensors[f"{into}{name}.bias"] = source.tensor(f"l{layer}.{short}.b", (hidden,))
    return tensors


def tokenizer_json(pieces: list[str], scores: list[float]) -> str:
    """The fast tokenizer of a Unigram vocabulary, with the normalisation of XLM-RoBERTa."""
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    tokenizer = Tokenizer(models.Unigram(list(zip(pieces, scores, strict=True)), pieces.index("<unk>"), False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", pieces.index("<s>")), ("</s>", pieces.index("</s>"))],
    )
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in (*SPECIAL, "<mask>")])
    return str(tokenizer.to_str())
