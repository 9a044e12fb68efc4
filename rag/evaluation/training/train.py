"""Train the reader: ``python -m rag.evaluation.training.train MATERIAL OUT``.

Resumes from its checkpoint when it was stopped. A GPU is used where there is one.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch.utils.data import DataLoader

from rag.evaluation.training.batches import Batches, batch_of, sentences_of
from rag.evaluation.training.examples import ANSWERS, OTHER
from rag.evaluation.training.losses import on, run, sentence_scores
from rag.evaluation.training.network import ReaderNetwork
from rag.evaluation.training.stepping import Stepper
from rag.evaluation.training.steps import (
    Material,
    Recipe,
    epochs,
    is_aside,
    pair_of,
)
from rag.models.bert_layers import BYTES, SCALE, Shape

SHAPE = Shape(hidden=384, layers=12, heads=12, epsilon=1e-12)
WARM_UP = 0.06
SECONDS_BETWEEN_CHECKPOINTS = 300
# Processes that make batches while a GPU computes.
WORKERS = 5


def predict(
    network: ReaderNetwork, material: Material, questions: Sequence[int], device: str
) -> dict[int, list[list[float]]]:
    """For each candidate of each question the scores of its sentences, last head then early."""
    network.eval()
    found: dict[int, list[list[float]]] = {}
    with torch.inference_mode():
        for first in range(0, len(questions), 24):
            some = questions[first : first + 24]
            pairs = [
                pair_of(material, question, candidate, owner)
                for owner, question in enumerate(some)
                for candidate in list(material.candidates(question))[:10]
            ]
            batch = on(device, batch_of(pairs, [False] * len(some)))
            states = run(network, batch, 0.0)
            for head in ("last", "early"):
                values = sentence_scores(network, states, batch, head).tolist()
                for pair in pairs:
                    count = len(sentences_of(pair))
                    found.setdefault(pair.candidate, []).append(values[:count])
                    del values[:count]
    return found


def judge(
    material: Material,
    questions: Sequence[int],
    scores: dict[int, list[list[float]]],
    head: int,
) -> dict[str, float]:
    """How well the best sentences answer, by the reader's scores alone."""
    first = three = hit = found = 0
    yes: list[float] = []
    no: list[float] = []
    right_when: list[tuple[float, bool]] = []
    for question in questions:
        best: list[tuple[float, int]] = []
        passages: list[tuple[float, int]] = []
        for candidate in list(material.candidates(question))[:10]:
            labels = material.labels(candidate)
            row = scores.get(candidate, [[], []])[head]
            said = [(value, int(labels[place] != OTHER)) for place, value in enumerate(row)]
            best += said
            if said:
                passages.append((max(said)[0], int((labels == ANSWERS).any())))
        best.sort(reverse=True)
        passages.sort(reverse=True)
        # A sentence of two passages comes twice.
        apart: list[int] = []
        seen: set[float] = set()
        for value, label in best:
            if round(value, 2) not in seen:
                apart.append(label)
            seen.add(round(value, 2))
        odds = float(np.logaddexp.reduce([value for value, _ in best])) if best else -20.0
        (yes if material.answerable[question] else no).append(odds)
        if material.answerable[question]:
            first += bool(apart[:1]) and apart[0] == 1
            three += any(apart[:3])
            hit += bool(passages) and passages[0][1] == 1
            found += any(one for _, one in passages)
        right_when.append((odds, bool(apart[:1]) and apart[0] == 1))
    count = max(1, len(yes))
    y, n = np.array(yes), np.array(no)
    auroc = (
        float((y[:, None] > n[None]).mean() + (y[:, None] == n[None]).mean() / 2)
        if len(n)
        else 0
    )
    threshold = float(np.quantile(y, 0.15)) if len(y) else 0.0
    return {
        "answer@1": first / count,
        "answer@3": three / count,
        "hit@1": hit / count,
        "hit@10": found / count,
        "auroc": auroc,
        "refused, 85 % answered": float((n < threshold).mean()) if len(n) else 0.0,
        "n": len(yes) + len(no),
    }


def train(
    network: ReaderNetwork,
    material: Material,
    recipe: Recipe,
    out: Path,
    device: str,
    seconds: float,
) -> list[dict[str, Any]]:
    """The recipe's steps, or those of so many ``seconds``, the rate falling to nothing.

    Returns the curve of the loss.
    """
    chooser = random.Random(recipe.seed)
    torch.manual_seed(recipe.seed)
    steps = epochs(material, recipe, chooser)
    network.to(device).train()
    stepper = Stepper(network, recipe, device)
    curve: list[dict[str, Any]] = []
    checkpoint = out.with_suffix(".checkpoint")
    done = (
        _resumed(checkpoint, network, stepper.optimizer, curve) if checkpoint.is_file() else 0
    )
    saved_at = began = time.monotonic()
    batches = DataLoader(
        Batches(material, steps, recipe),
        batch_size=None,
        sampler=range(done, len(steps)),
        num_workers=WORKERS if device == "cuda" else 0,
        prefetch_factor=8 if device == "cuda" else None,
    )
    for step, batch in enumerate(batches, done):
        share = max(step / len(steps), (time.monotonic() - began) / seconds)
        if share >= 1:
            break
        rate = min(1.0, share / WARM_UP) if share < WARM_UP else (1 - share) / (1 - WARM_UP)
        stepper(batch, recipe.rate * max(rate, 0.005))
        if step % 100 == 0:
            spent, smooth = time.monotonic() - began, stepper.running.item()
            print(f"step {step} of {len(steps)}, loss {smooth:.3f}, {spent:.0f} s", flush=True)
            curve.append({"step": step, "loss": round(smooth, 3)})
        if time.monotonic() - saved_at > SECONDS_BETWEEN_CHECKPOINTS:
            saved_at = time.monotonic()
            _save_checkpoint(checkpoint, network, stepper.optimizer, curve, step + 1)
    return curve


def _resumed(
    file: Path, network: ReaderNetwork, optimizer: torch.optim.Optimizer, curve: list[Any]
) -> int:
    saved = torch.load(file, weights_only=True)
    network.load_state_dict(saved["weights"])
    optimizer.load_state_dict(saved["optimizer"])
    curve += saved["curve"]
    return int(saved["done"])


def _save_checkpoint(
    file: Path,
    network: ReaderNetwork,
    optimizer: torch.optim.Optimizer,
    curve: list[Any],
    done: int,
) -> None:
    draft = file.with_suffix(".new")
    state = {
        "weights": network.state_dict(),
        "optimizer": optimizer.state_dict(),
        "curve": curve,
        "done": done,
    }
    torch.save(state, draft)
    # A run that is killed while it writes keeps the checkpoint before.
    draft.replace(file)


def in_bytes(trained: torch.Tensor, base: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """What training changed in a matrix, as a byte a number and a scale a row."""
    change = trained.float().cpu() - base.float().cpu()
    scale = change.abs().amax(1).clamp(min=1e-12) / 127
    return (change / scale[:, None]).round().to(torch.int8), scale


def stored(network: ReaderNetwork, base: ReaderNetwork) -> dict[str, torch.Tensor]:
    """What ships: changes of matrices in bytes, everything else whole."""
    before = base.state_dict()
    found: dict[str, torch.Tensor] = {}
    for name, value in network.state_dict().items():
        if value.dim() == 2 and name.startswith("layers."):
            found[name + BYTES], found[name + SCALE] = in_bytes(value, before[name])
        else:
            found[name] = value.float().cpu().contiguous()
    return found


def begun(file: Path, weights: Mapping[str, torch.Tensor], early: int) -> ReaderNetwork:
    """The network that ``file``, once written by `main`, makes of the encoder's ``weights``."""
    network = ReaderNetwork(SHAPE, weights, early)
    base, kept = network.state_dict(), load_file(str(file))
    changed = {
        name: base[name] + kept[name + BYTES].float() * kept[name + SCALE][:, None]
        if name + BYTES in kept
        else kept[name]
        for name in base
    }
    network.load_state_dict(changed)
    return network


def measure_aside(
    network: ReaderNetwork, material: Material, recipe: Recipe, device: str
) -> tuple[dict[int, list[list[float]]], dict[str, dict[str, float]]]:
    """The scores of what was set aside, by candidate, and how well each source does."""
    measured: dict[str, dict[str, float]] = {}
    scores: dict[int, list[list[float]]] = {}
    groups: dict[str, list[int]] = {}
    for number in range(material.count):
        source = material.sources[int(material.source[number])]
        if is_aside(source, recipe):
            groups.setdefault(source.removesuffix("-without"), []).append(number)
    for source, asked in groups.items():
        some = predict(network, material, asked, device)
        scores.update(some)
        for head, name in enumerate(("last", "early")):
            measured[f"{source} {name}"] = judge(material, asked, some, head)
            print(source, name, measured[f"{source} {name}"])
    return scores, measured


def main() -> None:
    """Train one recipe, print what it reads and write its weights and scores."""
    parser = argparse.ArgumentParser()
    parser.add_argument("material", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--recipe", default="{}", help="a JSON object of Recipe's fields")
    parser.add_argument("--start", type=Path, help="a reader to train on")
    parser.add_argument("--seconds", type=float, default=1e9, help="end within so many")
    given = parser.parse_args()
    options = json.loads(given.recipe)
    for name in ("shares", "opening"):
        if name in options:
            options[name] = tuple(options[name].items())
    if "aside" in options:
        options["aside"] = tuple(options["aside"])
    recipe = Recipe(**options)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    material = Material(given.material)
    weights = material.weights()
    base = ReaderNetwork(SHAPE, weights, recipe.early)
    network = begun(given.start, weights, recipe.early) if given.start else deepcopy(base)
    curve = train(network, material, recipe, given.out, device, given.seconds)
    written: dict[str, Any] = {"recipe": asdict(recipe), "curve": curve}
    scores, measured = measure_aside(network, material, recipe, device)
    written["measured"] = measured
    save_file(stored(network, base), str(given.out), {"card": json.dumps(written)})
    given.out.with_suffix(".scores.json").write_text(
        json.dumps(
            {
                str(candidate): [[round(one, 3) for one in row] for row in rows]
                for candidate, rows in scores.items()
            }
        )
    )


if __name__ == "__main__":
    main()
