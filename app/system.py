"""The one place that wires everything: settings, store, encoder, run."""

from __future__ import annotations

import dataclasses
import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.problem import DuijieError
from data.runs import Run, latest_run, open_run, save_run
from data.store import Store
from features.encoding import Loaded, cached_encode, default_cache_dir, load_encoder
from matcher.calibration import choose
from matcher.channel import channels
from matcher.market import Encode, check_weights
from matcher.run import Progress, code_fingerprint, make_manifest, rank_view
from matcher.settings import Settings, load_settings
from matcher.taught import choose as taught_models

if TYPE_CHECKING:
    from data.followup import Plan

SETTINGS_FILE = "duijie.toml"
OTHER_RANKER = "校准学自透明排序的得分 / calibrations are learned from scores of the transparent ranker"


def find_settings(given: str | None) -> Settings:
    """Settings of ``given``, else of ``DUIJIE_SETTINGS``, else of ``duijie.toml`` in this folder, else defaults."""
    settings = _read_settings(given)
    check_weights(settings)
    return settings


def _read_settings(given: str | None) -> Settings:
    named = given or os.environ.get("DUIJIE_SETTINGS")
    if named:
        return load_settings(Path(named))
    here = Path(SETTINGS_FILE)
    return load_settings(here if here.exists() else None)


def call_back_plan() -> Plan:
    """When call-backs are due, by the settings in force."""
    from data.followup import Plan  # with it comes pandas, which most commands do without

    told = find_settings(None).followup
    return Plan(told.months, told.start)


def limit_threads() -> None:
    """Keep BLAS to one thread: on shared cores spinning threads cost three times the work. The encoder has its own."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1, user_api="blas")


@dataclass(frozen=True)
class System:
    """A store with its settings: everything the commands and pages need."""

    store: Store
    settings: Settings

    @property
    def cache_folder(self) -> Path:
        """Folder of converted models and vectors."""
        return Path(self.settings.cache).expanduser() if self.settings.cache else default_cache_dir()

    @cached_property
    def encoder(self) -> Loaded | None:
        """The encoder, or None when it cannot be had; the reason is told loudly once."""
        try:
            return load_encoder(
                self.settings.encoder, self.cache_folder, threads=self.settings.threads, dtype=self.settings.dtype
            )
        except DuijieError as error:
            if error.code != "encoder.unavailable":
                raise
            warnings.warn(str(error), stacklevel=2)
            print(
                f"!! 没有可用的文本编码器，本次只按词面与结构匹配 / NO ENCODER, ranking lexically: {error}",
                file=sys.stderr,
            )
            return None

    def encode(self, progress: Callable[[int], None] | None = None) -> Encode | None:
        """Texts to unit vectors through the cache, or None."""
        if self.encoder is None:
            return None
        return cached_encode(self.encoder, self.cache_folder, progress)

    @property
    def encoder_stamp(self) -> dict[str, Any]:
        """What the manifest says of the encoder."""
        if self.encoder is None:
            return {"name": self.settings.encoder, "fingerprint": "", "lexical_only": True}
        return {"name": self.settings.encoder, "fingerprint": self.encoder.fingerprint, "lexical_only": False}

    def with_settings(self, **changes: Any) -> System:
        """The same store under changed settings."""
        return System(self.store, dataclasses.replace(self.settings, **changes))

    def match(
        self,
        names: Sequence[str] = (),
        as_of: date | None = None,
        progress: Progress | None = None,
        encoding: Callable[[int], None] | None = None,
    ) -> Run:
        """Rank ``names`` (default: all channels) as of a date (default: today) and keep the run."""
        asked = list(names) or list(channels())
        for name in asked:
            if name not in channels():
                raise DuijieError(
                    "channel.unknown",
                    f"没有 {name!r} 这个渠道 / no channel {name!r}",
                    f"one of {', '.join(channels())}",
                )
        limit_threads()
        view = self.store.view(as_of or date.today())
        if view.projects.num_rows == 0 or view.institutions.num_rows == 0:
            raise DuijieError(
                "store.empty",
                "没有可对接的项目或机构 / no projects or no institutions to match",
                "duijie import PATH first",
            )
        root, stamp = self.store.runs_folder, self.encoder_stamp
        taught = taught_models(root, asked, view.as_of)
        calibrations = dict(choose(root, asked, view.as_of, self.settings, stamp, code_fingerprint()))
        calibrations |= dict.fromkeys(taught, OTHER_RANKER)
        manifest = make_manifest(view, asked, self.settings, self.settings.top, stamp, calibrations, taught)
        if (root / manifest["run_id"]).exists():
            tables = {}
        else:
            encode = self.encode(encoding)
            tables = rank_view(view, manifest, self.settings, encode, progress, calibrations, taught)
        return save_run(root, manifest["run_id"], manifest, tables)

    def models_of(self, run: Run, channel: str) -> Mapping[str, Any]:
        """The learned models that ranked a channel of a run, by head; mostly none.

        Raises
        ------
        DuijieError
            ``run.outdated`` when they are no longer kept.
        """
        told = run.manifest["ranker"]
        if not isinstance(told, dict) or channel not in told:
            return {}
        taught = taught_models(self.store.runs_folder, [channel], date.fromisoformat(told[channel]["as_of"]))
        if channel not in taught or taught[channel].digest != told[channel]["learned"]:
            raise DuijieError(
                "run.outdated",
                f"运行 {run.run_id} 的模型已不再保留 / the models of run {run.run_id} are not kept any more",
                "duijie match",
            )
        return taught[channel].models

    def run_of(self, channel: str) -> Run:
        """The last run of a channel.

        Raises
        ------
        DuijieError
            ``run.missing`` when the channel was never matched.
        """
        run = latest_run(self.store.runs_folder, channel)
        if run is None:
            raise unmatched(channel)
        return run

    def open_run(self, run_id: str) -> Run:
        """A stored run by id."""
        return open_run(self.store.runs_folder, run_id)


def unmatched(channel: str) -> DuijieError:
    """What is wrong where a channel was never matched."""
    message = f"{channel} 渠道还没有匹配过 / channel {channel!r} has not been matched"
    return DuijieError("run.missing", message, "duijie match")


def open_system(store: str | Path, settings: str | None = None) -> System:
    """The system on a store file."""
    return System(Store(store), find_settings(settings))
