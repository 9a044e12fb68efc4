"""A step of training: what it changes of the network, on a GPU as one captured graph.

A step of so small a network is a thousand short kernels, and launching them takes longer than
they run. Captured once, they are launched together.
"""

from __future__ import annotations

import torch

from rag.evaluation.training.batches import Batch
from rag.evaluation.training.losses import Tensors, loss_of, on
from rag.evaluation.training.network import ReaderNetwork
from rag.evaluation.training.steps import Recipe

# Steps before the capture, in which kernels are chosen; at rate 0, they change no weight.
REHEARSALS = 3
LONGEST_GRADIENT = 1.0


class Stepper:
    """Takes steps; ``running`` is the smoothed loss, on the device."""

    def __init__(self, network: ReaderNetwork, recipe: Recipe, device: str) -> None:
        self._network = network
        self._recipe = recipe
        self._device = device
        self._rate = torch.zeros((), device=device)
        self.running = torch.zeros((), device=device)
        parameters = list(network.parameters())
        matrices = [one for one in parameters if one.dim() > 1]
        vectors = [one for one in parameters if one.dim() == 1]
        on_gpu = device == "cuda"
        self.optimizer = torch.optim.AdamW(
            [
                {"params": matrices, "weight_decay": 0.01},
                {"params": vectors, "weight_decay": 0.0},
            ],
            lr=self._rate if on_gpu else 0.0,
            betas=(0.9, 0.98),
            fused=on_gpu,
            capturable=on_gpu,
        )
        self._captures = on_gpu and recipe.rows > 0
        self._graph: torch.cuda.CUDAGraph | None = None
        self._inputs: Tensors = {}

    def __call__(self, batch: Batch, rate: float) -> None:
        """Learn from a batch; on a GPU, all must have one shape if the recipe says of which."""
        given = on(self._device, batch)
        if self._captures and self._graph is None:
            self._capture(given)
        self._rate.fill_(rate)
        if self._graph is None:
            for group in self.optimizer.param_groups:
                group["lr"] = self._rate if self._device == "cuda" else rate
            self._step(given)
            return
        for name, kept in self._inputs.items():
            kept.copy_(given[name], non_blocking=True)
        self._graph.replay()

    def _step(self, batch: Tensors) -> None:
        loss = loss_of(self._network, batch, self._recipe)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._network.parameters(), LONGEST_GRADIENT)
        self.optimizer.step()
        self.running.lerp_(loss.detach(), 0.02)

    def _capture(self, batch: Tensors) -> None:
        self._inputs = {name: value.clone() for name, value in batch.items()}
        for group in self.optimizer.param_groups:
            group["lr"] = self._rate
        for layer in self._network.layers:
            layer.compile(dynamic=False)
        aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(REHEARSALS):
                self._step(self._inputs)
        torch.cuda.current_stream().wait_stream(aside)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._step(self._inputs)
