"""Train the reader on a file of material: ``python rag/evaluation/training/train.py FILE OUT``.

Needs torch, numpy and safetensors alone, so that a borrowed machine with a GPU can run it.
Resumes from its checkpoint when it was stopped.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import save_file
from torch.nn import functional

from rag.models.span_network import END, HIGHEST, MEAN, START, ReaderNetwork, Shape

SHAPE = Shape(hidden=384, layers=12, heads=12, epsilon=1e-12)
LONGEST_QUESTION = 64
LONGEST_INPUT = 384
FIRST, LAST, PADDING = 0, 2, 1
OTHER, ANSWERS, UNSURE = 0, 1, 2
WARM_UP = 0.06
SECONDS_BETWEEN_CHECKPOINTS = 300

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one training run is made of.

    ``shares`` are the parts of the sources, by the beginning of their names, that an epoch
    draws (all of those not named), and ``opening`` those of the first epoch.
    """

    epochs: float = 3.0
    rate: float = 1e-4
    questions: int = 16
    passages: int = 8
    dropout: float = 0.1
    early: int = 8
    early_weight: float = 0.3
    span_weight: float = 0.5
    withheld: float = 0.1
    seed: int = 1
    opening: tuple[tuple[str, float], ...] = ()
    shares: tuple[tuple[str, float], ...] = ()
    aside: tuple[str, ...] = ()


class Material:
    """The arrays of a file of material, by question and passage."""

    def __init__(self, file: Path) -> None:
        arrays = dict(np.load(file))
        self.arrays = arrays
        self.sources = [str(name) for name in arrays["sources"]]
        self.source = arrays["question_source"]
        self.answerable = arrays["question_answerable"]
        self.count = len(self.source)
        self._labels = np.split(arrays["labels"], arrays["label_ends"][:-1])
        self.answers = np.array([bool((one == ANSWERS).any()) for one in self._labels])
        self.unsure = np.array([bool((one == UNSURE).any()) for one in self._labels])

    def part(self, name: str, ends: str, number: int) -> Ints:
        bounds = self.arrays[ends]
        first = int(bounds[number - 1]) if number else 0
        found: Ints = self.arrays[name][first : int(bounds[number])]
        return found

    def question(self, number: int) -> Ints:
        return self.part("question_tokens", "question_ends", number)[:LONGEST_QUESTION]

    def candidates(self, number: int) -> range:
        bounds = self.arrays["question_candidates"]
        return range(int(bounds[number - 1]) if number else 0, int(bounds[number]))

    def labels(self, candidate: int) -> Ints:
        found: Ints = self._labels[candidate]
        return found

    def weights(self) -> dict[str, torch.Tensor]:
        found: dict[str, torch.Tensor] = {}
        for key, value in self.arrays.items():
            kind, _, name = key.partition(":")
            if kind == "weight":
                found[name] = torch.from_numpy(value)
            elif kind == "steps":
                scaled = value.astype(np.float32) * self.arrays[f"scales:{name}"][:, None]
                shape = tuple(self.arrays[f"shape:{name}"])
                found[name] = torch.from_numpy(scaled.reshape(shape))
        return found


@dataclass(slots=True)
class Pair:
    """A question with one of its passages, as tokens."""

    owner: int
    candidate: int
    tokens: Ints
    sentence: Ints
    span: tuple[int, int]


def pair_of(material: Material, question: int, candidate: int, owner: int) -> Pair:
    """The input ``<s> question </s></s> passage </s>``, with the sentence of every token."""
    asked = material.question(question)
    passage = int(material.arrays["candidate_passage"][candidate])
    room = LONGEST_INPUT - len(asked) - 4
    words = material.part("passage_tokens", "passage_ends", passage)[:room]
    sentences = material.part("passage_sentence", "passage_ends", passage)[:room]
    before = len(asked) + 3
    tokens = np.concatenate([[FIRST], asked, [LAST, LAST], words, [LAST]])
    sentence = np.concatenate([np.full(before, -1), sentences, [-1]])
    start, end = (int(one) for one in material.arrays["candidate_span"][candidate])
    inside = start >= 0 and end < len(words)
    span = (start + before, end + before) if inside else (-1, -1)
    return Pair(owner, candidate, tokens, sentence, span)


def chosen(
    material: Material, question: int, recipe: Recipe, chooser: random.Random
) -> tuple[list[int], bool]:
    """The candidates of one step, and whether those that answer were left out."""
    candidates = list(material.candidates(question))
    answering = [one for one in candidates if material.answers[one]]
    others = [one for one in candidates if not material.answers[one]]
    if material.answerable[question] and not answering:
        return [], False
    withheld = bool(answering) and chooser.random() < recipe.withheld
    if withheld:
        others = [one for one in others if not material.unsure[one]]
    kept = [] if withheld else answering[:3]
    room = recipe.passages - len(kept)
    # The first ones are what a question is answered from; the later ones now and then.
    first = others[:room]
    if len(others) > room and chooser.random() < 0.5:
        first = chooser.sample(others[: room + 4], min(room, len(others)))
    return kept + first, withheld


@dataclass(slots=True)
class Scored:
    """Pairs with both heads' scores: of their tokens, pair after pair, and of each pair.

    ``tokens`` have shape (tokens of all pairs, 4), ``whole`` (pairs,).
    """

    pairs: list[Pair]
    tokens: dict[str, torch.Tensor]
    whole: dict[str, torch.Tensor]


def run(network: ReaderNetwork, pairs: Sequence[Pair], device: str, dropout: float) -> Scored:
    """Both heads' scores of every pair; pairs of like lengths go through together."""
    ordered = sorted(pairs, key=lambda pair: len(pair.tokens))
    tokens: dict[str, list[torch.Tensor]] = {"early": [], "last": []}
    whole: dict[str, list[torch.Tensor]] = {"early": [], "last": []}
    chunk = max(8, -(-len(ordered) // 3))
    for first in range(0, len(ordered), chunk):
        some = ordered[first : first + chunk]
        longest = -(-len(some[-1].tokens) // 16) * 16
        table = np.full((len(some), longest), PADDING)
        for row, pair in enumerate(some):
            table[row, : len(pair.tokens)] = pair.tokens
        inside = torch.from_numpy(np.flatnonzero(table != PADDING)).to(device)
        ids = torch.from_numpy(table).to(device)
        mask = ids != PADDING
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            early = network.lower(network.embed(ids), mask, dropout)
            last = network.upper(early, mask, dropout)
        for name, states in (("early", early), ("last", last)):
            scores, own = network.heads[name](states.float(), mask)
            tokens[name].append(scores.reshape(-1, 4)[inside])
            whole[name].append(own)
    return Scored(
        ordered,
        {name: torch.cat(found) for name, found in tokens.items()},
        {name: torch.cat(found) for name, found in whole.items()},
    )


def sentence_scores(scored: Scored, head: str) -> tuple[torch.Tensor, Ints]:
    """A score for every sentence of every pair, and (pair, sentence) of each."""
    device = scored.tokens[head].device
    counts = [int(pair.sentence.max(initial=-1)) + 1 for pair in scored.pairs]
    firsts = np.cumsum(counts) - counts
    keys = np.concatenate(
        [
            np.where(pair.sentence >= 0, pair.sentence + first, -1)
            for pair, first in zip(scored.pairs, firsts, strict=True)
        ]
    )
    rows = np.flatnonzero(keys >= 0)
    key = torch.from_numpy(keys[rows]).to(device)
    tokens = scored.tokens[head][torch.from_numpy(rows).to(device)]
    size = int(sum(counts))
    sums = torch.zeros(size, device=device).index_add(0, key, tokens[:, MEAN])
    sizes = torch.zeros(size, device=device).index_add(0, key, torch.ones_like(tokens[:, 0]))
    highest = torch.full((size,), -1e4, device=device)
    highest = highest.scatter_reduce(0, key, tokens[:, HIGHEST], "amax")
    owner = np.stack(
        [
            np.repeat(np.arange(len(counts)), counts),
            np.arange(size) - np.repeat(firsts, counts),
        ],
        axis=1,
    )
    own = scored.whole[head][torch.from_numpy(owner[:, 0]).to(device)]
    return sums / sizes.clamp(min=1) + highest + own, owner


def loss_of(
    network: ReaderNetwork,
    material: Material,
    batch: Sequence[int],
    recipe: Recipe,
    chooser: random.Random,
    device: str,
) -> torch.Tensor:
    """How badly a step's questions are answered: the choice among all sentences, and spans."""
    pairs: list[Pair] = []
    unanswered: list[bool] = []
    for question in batch:
        candidates, withheld = chosen(material, question, recipe, chooser)
        if not candidates:
            continue
        owner = len(unanswered)
        unanswered.append(withheld or not material.answerable[question])
        pairs += [pair_of(material, question, one, owner) for one in candidates]
    scored = run(network, pairs, device, recipe.dropout)
    total = torch.zeros((), device=device)
    for head, weight in (("last", 1.0), ("early", recipe.early_weight)):
        scores, owner = sentence_scores(scored, head)
        labels = np.array(
            [
                material.labels(scored.pairs[pair].candidate)[sentence]
                for pair, sentence in owner
            ]
        )
        questions = np.array([scored.pairs[pair].owner for pair, _ in owner])
        total = total + weight * choice_loss(scores, labels, questions, unanswered)
    return total + recipe.span_weight * span_loss(scored)


def choice_loss(
    scores: torch.Tensor, labels: Ints, questions: Ints, unanswered: Sequence[bool]
) -> torch.Tensor:
    """Cross entropy of choosing a sentence that answers, or none (score 0) where none does."""
    order = np.argsort(questions, kind="stable")
    counts = np.bincount(questions, minlength=len(unanswered))
    width = int(counts.max()) + 1
    rows = questions[order]
    columns = np.arange(len(order)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    table = torch.full((len(unanswered), width), -1e4, device=scores.device)
    place = (
        torch.from_numpy(rows).to(scores.device),
        torch.from_numpy(columns).to(scores.device),
    )
    table = table.index_put(place, scores[torch.from_numpy(order).to(scores.device)])
    label = np.zeros((len(unanswered), width), np.int64)
    label[rows, columns] = labels[order]
    label[:, 0] = OTHER
    none = torch.tensor(list(unanswered), device=scores.device)
    wanted = torch.from_numpy(label == ANSWERS).to(scores.device) & ~none[:, None]
    doubtful = torch.from_numpy(label == UNSURE).to(scores.device)
    first = torch.zeros_like(table)
    first[:, 1:] = -1e4
    table = torch.where(torch.arange(width, device=scores.device)[None] == 0, first, table)
    wanted[:, 0] = none
    table = table.masked_fill(doubtful, -1e4)
    right = table.masked_fill(~wanted, -1e4).logsumexp(1)
    return (table.logsumexp(1) - right).clamp(max=20).mean()


def span_loss(scored: Scored) -> torch.Tensor:
    """Cross entropy of the first and the last token that answer, within their passage."""
    tokens = scored.tokens["last"]
    lengths = [len(pair.tokens) for pair in scored.pairs]
    firsts = np.cumsum(lengths) - lengths
    with_span = [row for row, pair in enumerate(scored.pairs) if pair.span[0] >= 0]
    if not with_span:
        return torch.zeros((), device=tokens.device)
    longest = max(lengths[row] for row in with_span)
    table = np.full((len(with_span), longest), -1)
    for place, row in enumerate(with_span):
        inside = np.flatnonzero(scored.pairs[row].sentence >= 0)
        table[place, inside] = firsts[row] + inside
    where = torch.from_numpy(table).to(tokens.device)
    total = torch.zeros((), device=tokens.device)
    for column, end in ((START, 0), (END, 1)):
        scores = tokens[where.clamp(min=0), column].masked_fill(where < 0, -1e4)
        wanted = torch.tensor([scored.pairs[row].span[end] for row in with_span])
        total = total + functional.cross_entropy(scores, wanted.to(tokens.device))
    return total


def epochs(material: Material, recipe: Recipe, chooser: random.Random) -> list[list[int]]:
    """The steps of all epochs: questions drawn by their source's share."""
    steps: list[list[int]] = []
    left = recipe.epochs
    while left > 0:
        shares = dict(recipe.shares if steps else recipe.opening or recipe.shares)
        drawn: list[int] = []
        for number in range(material.count):
            source = material.sources[int(material.source[number])]
            if is_aside(source, recipe):
                continue
            share = next((s for name, s in shares.items() if source.startswith(name)), 1.0)
            share *= min(1.0, left)
            drawn += [number] * (int(share) + (chooser.random() < share % 1))
        chooser.shuffle(drawn)
        size = recipe.questions
        steps += [drawn[at : at + size] for at in range(0, len(drawn) - size + 1, size)]
        left -= 1
    return steps


def is_aside(source: str, recipe: Recipe) -> bool:
    """Whether a source is measured on, and so never trained on."""
    return source.endswith("dev") or "dev-" in source or source in recipe.aside


def predict(
    network: ReaderNetwork, material: Material, questions: Sequence[int], device: str
) -> dict[int, list[list[float]]]:
    """For each candidate of each question the scores of its sentences, last head then early."""
    network.eval()
    found: dict[int, list[list[float]]] = {}
    with torch.inference_mode():
        for first in range(0, len(questions), 24):
            pairs = [
                pair_of(material, question, candidate, 0)
                for question in questions[first : first + 24]
                for candidate in list(material.candidates(question))[:10]
            ]
            scored = run(network, pairs, device, 0.0)
            for head in ("last", "early"):
                scores, owner = sentence_scores(scored, head)
                values = scores.float().cpu().numpy()
                rows: dict[int, list[float]] = {}
                for (pair, _), value in zip(owner, values, strict=True):
                    rows.setdefault(scored.pairs[int(pair)].candidate, []).append(float(value))
                for candidate, row in rows.items():
                    found.setdefault(candidate, []).append(row)
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
    decayed = [one for one in network.parameters() if one.dim() > 1]
    plain = [one for one in network.parameters() if one.dim() == 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}],
        lr=recipe.rate,
        betas=(0.9, 0.98),
        fused=device == "cuda",
    )
    curve: list[dict[str, Any]] = []
    checkpoint = out.with_suffix(".checkpoint")
    done = _resumed(checkpoint, network, optimizer, curve) if checkpoint.is_file() else 0
    saved_at = began = time.monotonic()
    running = 0.0
    for step in range(done, len(steps)):
        share = max(step / len(steps), (time.monotonic() - began) / seconds)
        if share >= 1:
            break
        rate = min(1.0, share / WARM_UP) if share < WARM_UP else (1 - share) / (1 - WARM_UP)
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * max(rate, 0.005)
        loss = loss_of(network, material, steps[step], recipe, chooser, device)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        running = loss.item() if step == done else 0.98 * running + 0.02 * loss.item()
        if step % 100 == 0:
            spent = time.monotonic() - began
            print(f"step {step} of {len(steps)}, loss {running:.3f}, {spent:.0f} s", flush=True)
            curve.append({"step": step, "loss": round(running, 3)})
        if time.monotonic() - saved_at > SECONDS_BETWEEN_CHECKPOINTS:
            saved_at = time.monotonic()
            _save_checkpoint(checkpoint, network, optimizer, curve, step + 1)
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
            found[f"{name}.bytes"], found[f"{name}.scale"] = in_bytes(value, before[name])
        else:
            found[name] = value.float().cpu().contiguous()
    return found


def main() -> None:
    """Train one recipe, print what it reads and write its weights and scores."""
    parser = argparse.ArgumentParser()
    parser.add_argument("material", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--recipe", default="{}", help="a JSON object of Recipe's fields")
    parser.add_argument("--seconds", type=float, default=1e9, help="end within so many")
    chosen_ = parser.parse_args()
    options = json.loads(chosen_.recipe)
    for name in ("shares", "opening"):
        if name in options:
            options[name] = tuple(options[name].items())
    if "aside" in options:
        options["aside"] = tuple(options["aside"])
    recipe = Recipe(**options)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    material = Material(chosen_.material)
    weights = material.weights()
    network = ReaderNetwork(SHAPE, weights, recipe.early)
    base = ReaderNetwork(SHAPE, weights, recipe.early)
    curve = train(network, material, recipe, chosen_.out, device, chosen_.seconds)
    measured = {}
    written: dict[str, Any] = {"recipe": asdict(recipe), "curve": curve}
    scores: dict[int, list[list[float]]] = {}
    groups: dict[str, list[int]] = {}
    for number in range(material.count):
        source = material.sources[int(material.source[number])]
        if is_aside(source, recipe):
            groups.setdefault(source.removesuffix("-without"), []).append(number)
    for source, questions in groups.items():
        some = predict(network, material, questions, device)
        scores.update(some)
        for head, name in enumerate(("last", "early")):
            measured[f"{source} {name}"] = judge(material, questions, some, head)
            print(
                source, name, {k: round(v, 3) for k, v in measured[f"{source} {name}"].items()}
            )
    written["measured"] = measured
    save_file(stored(network, base), str(chosen_.out), {"card": json.dumps(written)})
    chosen_.out.with_suffix(".scores.json").write_text(
        json.dumps(
            {str(k): [[round(v, 3) for v in row] for row in rows] for k, rows in scores.items()}
        )
    )


if __name__ == "__main__":
    main()
