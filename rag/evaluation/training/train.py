"""Train the reader.

``python -m rag.evaluation.training.train --french FILE --folder DIR --out FILE``.

Resumes from its checkpoint when it was stopped. A GPU is used when there is one; on a CPU a
process a core, each with batches of its own, is half as quick again as one process:
``OMP_NUM_THREADS=1 torchrun --nproc-per-node 2 -m rag.evaluation.training.train …``.
"""

from __future__ import annotations

import dataclasses
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import torch.distributed as dist
import typer
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import nn

from rag.config import Settings
from rag.evaluation import read_squad
from rag.evaluation.metrics import auroc, token_f1
from rag.evaluation.training.pairs import (
    Pair,
    crossed_pairs,
    is_held_aside,
    mined_pairs,
    neighbour_pairs,
    own_pair,
    read_examples,
)
from rag.files import file_hash
from rag.index import Index
from rag.ingest.folder import article_sources
from rag.library.build import build
from rag.models.encoder import SentenceTransformerEncoder, open_encoder
from rag.models.span_network import ReaderNetwork
from rag.models.span_reader import PassageToRead, head_of, pair_tokenizer, read_pairs

SEED = 1
LEARNING_RATE = 1e-3
WARM_UP_STEPS = 60
# Of all workers together.
TOKENS_IN_BATCH = 3072
PAIRS_SORTED_TOGETHER = 768
RELEVANCE_WEIGHT = 0.5
SECONDS_BETWEEN_CHECKPOINTS = 300
VALIDATIONS = 6
PAIRS_VALIDATED_TOGETHER = 16


@dataclasses.dataclass(frozen=True, slots=True)
class Encoded:
    """A pair as tokens; ``start`` and ``end`` are 0, the first token's, without answer."""

    tokens: list[int]
    start: int
    end: int
    answered: bool


@dataclasses.dataclass(frozen=True, slots=True)
class FrenchPairs:
    """Pairs of the French file: ``own`` answer, the two ``mined`` lists do not.

    ``aside`` are both kinds, of the titles that are held aside.
    """

    own: list[Pair]
    mined: tuple[list[Pair], list[Pair]]
    aside: list[Pair]


def french_pairs(file: Path, encoder: SentenceTransformerEncoder) -> FrenchPairs:
    """The pairs of the French file, with negatives that its own index puts high."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(index=Path(folder))
        build(article_sources(read_squad([file]).articles), settings, encoder)
        index = Index.open_current(settings.index)
        first, second = mined_pairs(file, index, encoder, 2)
        index.close()
    examples = read_examples(file)
    held = {example.question for example in examples if is_held_aside(example.title)}
    own = [own_pair(example) for example in examples]
    kept_own, kept_first, kept_second = (
        [pair for pair in pairs if pair.question not in held] for pairs in (own, first, second)
    )
    aside = [pair for pair in [*own, *first] if pair.question in held]
    return FrenchPairs(kept_own, (kept_first, kept_second), aside)


def other_pairs(folder: Path, chooser: random.Random) -> tuple[list[Pair], list[Pair]]:
    """Pairs of other languages, in halves: XQuAD alone and crossed, Spanish SQuAD 2.0."""
    english, spanish, german, romanian = (
        read_examples(folder / f"xquad.{language}.json")
        for language in ("en", "es", "de", "ro")
    )
    squad = read_examples(folder / "squad-v2-dev.es.json")
    answered = [own_pair(example) for example in squad if example.answers]
    # Their passages are on the subject, which makes them the hardest to refuse.
    impossible = [own_pair(example) for example in squad if not example.answers]
    first = [*map(own_pair, [*english, *german[::2]]), *answered[::2], *impossible[::2]]
    second = [
        *map(own_pair, romanian),
        *crossed_pairs(english, spanish),
        *list(neighbour_pairs(spanish, chooser))[::2],
        *answered[1::2],
        *impossible[1::2],
    ]
    return first, second


def in_order(
    french: FrenchPairs, other: tuple[list[Pair], list[Pair]], chooser: random.Random
) -> list[Pair]:
    """All pairs as they are trained on.

    French is what will be asked, so it comes four times, three of them in the second
    half, when the learning rate is low.
    """
    first = [*french.own, *french.mined[0], *other[0]]
    second = [*(french.own * 3), *french.mined[1], *other[1]]
    chooser.shuffle(first)
    chooser.shuffle(second)
    return first + second


def encode(pair: Pair, tokenizer: Tokenizer, prompt: str) -> Encoded | None:
    """A pair as the reader will see it; None when the answer is cut off."""
    head = head_of(pair.title)
    encoding = tokenizer.encode(prompt + pair.question, head + pair.text)
    if pair.answer is None:
        return Encoded(encoding.ids, 0, 0, False)
    start, end = (place + len(head) for place in pair.answer)
    rows = [
        row
        for row, ((first, last), sequence) in enumerate(
            zip(encoding.offsets, encoding.sequence_ids, strict=True)
        )
        if sequence == 1 and first < end and last > start and last > first
    ]
    return Encoded(encoding.ids, rows[0], rows[-1], True) if rows else None


def batches(
    pairs: Sequence[Encoded], chooser: random.Random, tokens: int = TOKENS_IN_BATCH
) -> list[list[Encoded]]:
    """Batches of like lengths, at most ``tokens`` each, in an order that mixes lengths."""
    found: list[list[Encoded]] = []
    for first in range(0, len(pairs), PAIRS_SORTED_TOGETHER):
        near = sorted(
            pairs[first : first + PAIRS_SORTED_TOGETHER], key=lambda pair: len(pair.tokens)
        )
        cut = list(_cut(near, tokens))
        chooser.shuffle(cut)
        found += cut
    return found


def _cut(pairs: Sequence[Encoded], tokens: int) -> Iterator[list[Encoded]]:
    batch: list[Encoded] = []
    for pair in pairs:
        if batch and (len(batch) + 1) * len(pair.tokens) > tokens:
            yield batch
            batch = []
        batch.append(pair)
    if batch:
        yield batch


def loss_of(network: ReaderNetwork, batch: Sequence[Encoded], device: str) -> torch.Tensor:
    """Cross entropy of start and end, and of the relevance."""
    longest = max(len(pair.tokens) for pair in batch)
    tokens = torch.ones((len(batch), longest), dtype=torch.long)
    mask = torch.zeros_like(tokens)
    for row, pair in enumerate(batch):
        tokens[row, : len(pair.tokens)] = torch.tensor(pair.tokens)
        mask[row, : len(pair.tokens)] = 1
    starts, ends, relevance = network(tokens.to(device), mask.to(device))
    start, end, answered = (
        torch.tensor([getattr(pair, name) for pair in batch], device=device)
        for name in ("start", "end", "answered")
    )
    spans = nn.functional.cross_entropy(starts, start) + nn.functional.cross_entropy(ends, end)
    related = nn.functional.binary_cross_entropy_with_logits(relevance, answered.float())
    return spans / 2 + RELEVANCE_WEIGHT * related


@dataclasses.dataclass(frozen=True, slots=True)
class Validation:
    """How well the pairs that were held aside are read.

    ``f1`` is SQuAD's, of the best span where there is an answer; ``auroc`` tells the pairs
    with an answer from those without by the best span's log-odds.
    """

    step: int
    loss: float
    f1: float
    auroc: float


def validate(
    network: ReaderNetwork, tokenizer: Tokenizer, prompt: str, pairs: Sequence[Pair]
) -> tuple[float, float]:
    """The F1 and the AUROC of `Validation`."""
    f1: list[float] = []
    scores: dict[bool, list[float]] = {True: [], False: []}
    for first in range(0, len(pairs), PAIRS_VALIDATED_TOGETHER):
        some = pairs[first : first + PAIRS_VALIDATED_TOGETHER]
        asked = [
            (
                prompt + pair.question,
                PassageToRead(pair.title, pair.text, ((0, len(pair.text)),)),
            )
            for pair in some
        ]
        for pair, read in zip(some, read_pairs(network, tokenizer, asked), strict=True):
            span = read.spans[0]
            if span is None:
                continue
            scores[pair.answer is not None].append(span.score)
            if pair.answer:
                expected = pair.text[slice(*pair.answer)]
                f1.append(token_f1(pair.text[span.start : span.end], [expected]))
    answered, unanswered = (np.array(scores[kind]) for kind in (True, False))
    return float(np.mean(f1)), auroc(answered, unanswered)


def train(
    network: ReaderNetwork,
    steps: Sequence[Sequence[Encoded]],
    checkpoint: Path,
    device: str,
    check: Callable[[], tuple[float, float]],
) -> list[Validation]:
    """One pass over ``steps``, the learning rate falling to nothing at the end.

    Every worker takes a step of its own, and all go the mean way. Returns the validation
    curve, ``check`` being asked VALIDATIONS times; the first worker has it.
    """
    rank, workers = _workers()
    # The last steps may not go round.
    steps = steps[rank : len(steps) // workers * workers : workers]
    parameters = dict(network.trained())
    optimizer = torch.optim.AdamW(parameters.values(), lr=LEARNING_RATE, weight_decay=0.01)
    done, running, curve = 0, 0.0, list[Validation]()
    if checkpoint.is_file():
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
        for name, value in saved["weights"].items():
            parameters[name].data.copy_(value)
        optimizer.load_state_dict(saved["optimizer"])
        done, running = saved["done"], saved["running"]
        curve = [Validation(**point) for point in saved["curve"]]
    saved_at = time.monotonic()
    # Without dropout: nearly every pair is seen once, and attention is twice as quick.
    network.to(device).eval()
    for step in range(done, len(steps)):
        rate = min(1, (step + 1) / WARM_UP_STEPS) * max(0.02, 1 - step / len(steps))
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * rate
        loss = loss_of(network, steps[step], device)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if workers > 1:
            _average_gradients(list(parameters.values()), workers)
        nn.utils.clip_grad_norm_(parameters.values(), 1.0)
        optimizer.step()
        running = loss.item() if not step else 0.98 * running + 0.02 * loss.item()
        if rank:
            continue
        if step % 20 == 0:
            print(f"step {step} of {len(steps)}, loss {running:.3f}", flush=True)
        if (step + 1) * VALIDATIONS // len(steps) > step * VALIDATIONS // len(steps):
            curve.append(Validation(step + 1, running, *check()))
            print(curve[-1], flush=True)
        if time.monotonic() - saved_at > SECONDS_BETWEEN_CHECKPOINTS:
            saved_at = time.monotonic()
            state = {
                "weights": {name: value.detach() for name, value in parameters.items()},
                "optimizer": optimizer.state_dict(),
                "done": step + 1,
                "running": running,
                "curve": [dataclasses.asdict(point) for point in curve],
            }
            # A run that is killed while it writes keeps the checkpoint before.
            draft = checkpoint.with_suffix(".new")
            torch.save(state, draft)
            draft.replace(checkpoint)
    return curve


def _workers() -> tuple[int, int]:
    """The number of this process among the workers, and how many there are."""
    if not dist.is_initialized():
        return 0, 1
    return dist.get_rank(), dist.get_world_size()


def _average_gradients(parameters: Sequence[nn.Parameter], workers: int) -> None:
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    together = torch.cat([gradient.flatten() for gradient in gradients]) / workers
    dist.all_reduce(together)
    at = 0
    for gradient in gradients:
        gradient.copy_(together[at : at + gradient.numel()].view_as(gradient))
        at += gradient.numel()


def _from_first_worker(make: Callable[[], FrenchPairs]) -> FrenchPairs:
    """What ``make`` gives, made by one worker for all."""
    rank, workers = _workers()
    made = [make() if rank == 0 else None]
    if workers > 1:
        dist.broadcast_object_list(made)
    assert made[0] is not None
    return made[0]


def main(
    french: Annotated[Path, typer.Option(help="PIAF's training questions, a SQuAD file.")],
    folder: Annotated[Path, typer.Option(help="Folder of the XQuAD and SQuAD 2.0 files.")],
    out: Annotated[Path, typer.Option(help="Where the trained weights go.")],
) -> None:
    """Make the pairs, train, and write what was trained as half floats."""
    if dist.is_torchelastic_launched():
        dist.init_process_group("gloo")
    torch.manual_seed(SEED)
    chooser = random.Random(SEED)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    encoder = open_encoder(Settings())
    pairs = _from_first_worker(lambda: french_pairs(french, encoder))
    tokenizer = pair_tokenizer(encoder)
    tokenizer.no_padding()
    encoded = [
        one
        for pair in in_order(pairs, other_pairs(folder, chooser), chooser)
        if (one := encode(pair, tokenizer, encoder.query_prompt)) is not None
    ]
    tokens = sum(len(one.tokens) for one in encoded)
    print(f"{len(encoded)} pairs, {tokens} tokens; {len(pairs.aside)} held aside", flush=True)
    network = ReaderNetwork(encoder.backbone())
    padded = pair_tokenizer(encoder)
    aside = pairs.aside[::2]
    curve = train(
        network,
        batches(encoded, chooser, TOKENS_IN_BATCH // _workers()[1]),
        out.with_suffix(".checkpoint"),
        device,
        lambda: validate(network, padded, encoder.query_prompt, aside),
    )
    if _workers()[0]:
        return
    weights = {name: value.detach().cpu().half() for name, value in network.trained()}
    points = [dataclasses.asdict(point) for point in curve]
    save_file(weights, str(out), metadata={"curve": json.dumps(points)})
    print(f"{out} written, sha256 {file_hash(out)}")


if __name__ == "__main__":
    typer.run(main)
