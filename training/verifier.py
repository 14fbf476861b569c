"""Trains the small judge: a low-rank adaptation of multilingual-e5-small with two heads, in minutes on two cores.

    nice -n 2 python -m training.verifier --data ../shared/data --minutes 30

Needs torch. The base weights stay as they are, in bfloat16; only the adaptation (Hu et al. 2021) and the heads learn.
The learning rate falls with the clock, so that a run of any length ends at zero. Writes `lora.npz` (int8)
and `judge.json` (data with hashes, licences, counts, temperatures, hash of the weights) into `--out`.
"""

import hashlib
import json
import math
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, distributed, nn
from torch.nn import functional

from rag import models
from rag.models import weights as weights_file
from rag.models.judge import adaptation, packed
from training import material
from training.pair import Pair, share

RANK, SCALE, LONGEST = 32, 2.0, 176
FROZEN = 4  # lowest layers that keep their weights as they are: no gradient has to reach them
PREFIX = {"entails": "claim: ", "answers": "query: "}
BOS, PAD, EOS = 0, 1, 2
PARTS = {"qkv": ("q", "k", "v"), "ao": ("ao",), "fi": ("fi",), "fo": ("fo",)}
TOKENS = 1400  # of a batch, padding counted
SHORT = 165  # longer pairs cost more than they teach
# How often a pair is taken in one pass, by task and source: people's labels more than once, plentiful made ones seldom.
TAKEN = {
    ("entails", "fever"): 5.0, ("entails", "fm2"): 4.0, ("entails", "factcheck"): 2.0, ("entails", "halueval"): 0.4,
    ("entails", "cmrc"): 0.7, ("entails", "keywords"): 0.4, ("entails", "news"): 0.25, ("entails", "wiki2"): 0.3,
    ("entails", "relations"): 0.16, ("answers", "cmrc"): 0.65, ("answers", "halueval"): 0.35, ("answers", "news"): 0.45,
    ("answers", "relations"): 0.14, ("answers", "chunking"): 0.5,
}  # fmt: skip


class Adapted(nn.Module):
    """x W + b, and the low-rank part that learns."""

    def __init__(self, weight: Tensor, bias: Tensor, learns: bool) -> None:
        super().__init__()
        self.register_buffer("weight", weight.bfloat16())
        self.register_buffer("bias", bias.bfloat16())
        self.learns = learns
        if learns:
            self.down = nn.Parameter(torch.randn(RANK, weight.shape[1]) / math.sqrt(weight.shape[1]))
            self.up = nn.Parameter(torch.zeros(weight.shape[0], RANK))

    def forward(self, states: Tensor) -> Tensor:
        plain = functional.linear(states, self.weight, self.bias)
        if not self.learns:
            return plain
        low = functional.linear(states, self.down.bfloat16())
        return plain + functional.linear(low, (SCALE * self.up).bfloat16())


class Encoder(nn.Module):
    """BERT from the weights file, bfloat16, with `Adapted` products and two linear heads on [first, mean]."""

    def __init__(self, read: weights_file.Weights) -> None:
        super().__init__()
        shape = self.shape = read.shape

        def tensor(name: str, *size: int) -> Tensor:
            return torch.from_numpy(read.floats(name, *size).copy())

        self.words = tensor("emb.word", shape.vocabulary, shape.hidden).bfloat16()
        self.places = (
            tensor("emb.pos", shape.positions, shape.hidden) + tensor("emb.type", shape.token_types, shape.hidden)[0]
        )
        self.norms = {
            name: (tensor(name + ".w").bfloat16(), tensor(name + ".b").bfloat16())
            for name in ["emb.ln", *(f"l{n}.{kind}" for n in range(shape.layers) for kind in ("aln", "oln"))]
        }
        self.products = nn.ModuleDict()
        for layer in range(shape.layers):
            for part, names in PARTS.items():
                biases = [tensor(f"l{layer}.{name}.b") for name in names]
                matrices = [tensor(f"l{layer}.{n}.w", len(b), -1) for n, b in zip(names, biases, strict=True)]
                self.products[f"l{layer}_{part}"] = Adapted(torch.cat(matrices), torch.cat(biases), layer >= FROZEN)
        self.entails = nn.Linear(2 * shape.hidden, 3)
        self.answers = nn.Linear(2 * shape.hidden, 1)
        for head in (self.entails, self.answers):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def norm(self, name: str, states: Tensor) -> Tensor:
        weight, bias = self.norms[name]
        return functional.layer_norm(states, (self.shape.hidden,), weight, bias, self.shape.epsilon)

    def forward(self, ids: Tensor) -> Tensor:
        """(batch, 4): three logits of `entails`, one of `answers`."""
        batch, length = ids.shape
        seen = ids != PAD
        barred = torch.zeros(batch, 1, 1, length, dtype=torch.bfloat16).masked_fill_(~seen[:, None, None, :], -1e4)
        states = self.norm("emb.ln", self.words[ids] + self.places[:length].bfloat16())
        heads, size = self.shape.heads, self.shape.hidden // self.shape.heads
        for layer in range(self.shape.layers):
            product = lambda part, x, layer=layer: self.products[f"l{layer}_{part}"](x)  # noqa: E731
            joined = product("qkv", states).view(batch, length, 3, heads, size).permute(2, 0, 3, 1, 4)
            query, key, value = joined[0], joined[1], joined[2]
            scores = query @ key.transpose(2, 3) / math.sqrt(size) + barred
            mixed = (scores.softmax(-1) @ value).transpose(1, 2).reshape(batch, length, -1)
            states = self.norm(f"l{layer}.aln", product("ao", mixed) + states)
            states = self.norm(f"l{layer}.oln", product("fo", functional.gelu(product("fi", states))) + states)
        wide = states.float()
        mean = (wide * seen[..., None]).sum(1) / seen.sum(1, keepdim=True)
        pooled = torch.cat([wide[:, 0], mean], 1)
        if self.training:
            pooled = functional.dropout(pooled, 0.1)
        return torch.cat([self.entails(pooled), self.answers(pooled)], 1)


def encoded(tokenizer: Any, pairs: Sequence[Pair]) -> list[NDArray[np.int32]]:
    """<s> prefix left </s></s> right </s>, the right cut so that all is at most LONGEST tokens."""
    lefts = tokenizer.encode_batch_fast([PREFIX[one.task] + one.left for one in pairs], add_special_tokens=False)
    rights = tokenizer.encode_batch_fast([one.right for one in pairs], add_special_tokens=False)
    made = []
    for left, right in zip(lefts, rights, strict=True):
        head = [BOS, *left.ids[: LONGEST // 2], EOS, EOS]
        made.append(np.array([*head, *right.ids[: LONGEST - 1 - len(head)], EOS], np.int32))
    return made


def batches(ids: Sequence[Sequence[int]], order: list[int], random: Random) -> list[list[int]]:
    """Of like length: runs of 2,000 are sorted and cut by TOKENS, then shuffled."""
    made: list[list[int]] = []
    for start in range(0, len(order), 2000):
        batch: list[int] = []
        for at in sorted(order[start : start + 2000], key=lambda n: len(ids[n])):
            if (batch and (len(batch) + 1) * len(ids[at]) > TOKENS) or len(batch) >= 48:
                made.append(batch)
                batch = []
            batch.append(at)
        made.append(batch)
    random.shuffle(made)
    return made


def padded(ids: Sequence[Sequence[int]]) -> Tensor:
    longest = max(map(len, ids))
    return torch.tensor([[*one, *[PAD] * (longest - len(one))] for one in ids])


def logits_of(model: Encoder, ids: Sequence[Sequence[int]]) -> Tensor:
    model.eval()
    order = sorted(range(len(ids)), key=lambda at: len(ids[at]))
    out = torch.zeros(len(ids), 4)
    with torch.inference_mode():
        for start in range(0, len(order), 32):
            part = order[start : start + 32]
            out[part] = model(padded([ids[at] for at in part]))
    model.train()
    return out


def loss_of(logits: Tensor, pairs: Sequence[Pair]) -> Tensor:
    """Mean cross-entropy, each pair by its own head."""
    labels = torch.tensor([one.label for one in pairs])
    entails = torch.tensor([one.task == "entails" for one in pairs])
    total = functional.cross_entropy(logits[entails, :3], labels[entails], reduction="sum", label_smoothing=0.03)
    total = total + functional.binary_cross_entropy_with_logits(
        logits[~entails, 3], labels[~entails].float() * 0.96 + 0.02, reduction="sum"
    )
    return total / len(pairs)


def temperature(logits: Tensor, labels: Tensor) -> float:
    """The T that gives the least log loss of logits / T (Guo et al. 2017), by a grid."""
    grid = torch.linspace(0.5, 4, 141)
    binary = logits.dim() == 1
    loss = functional.binary_cross_entropy_with_logits if binary else functional.cross_entropy
    target = labels.float() if binary else labels
    return float(min(grid, key=lambda t: float(loss(logits / t, target))))


def report(model: Encoder, held: Sequence[Pair], ids: Sequence[Sequence[int]]) -> tuple[str, dict[str, float]]:
    """Accuracy by task and source in a line; the temperatures fitted on the same pairs."""
    logits = logits_of(model, ids)
    right: dict[str, list[bool]] = defaultdict(list)
    for one, row in zip(held, logits, strict=True):
        said = int(row[:3].argmax()) if one.task == "entails" else int(row[3] > 0)
        right[f"{one.task[0]}:{one.source}"].append(said == one.label)
    line = " ".join(f"{name} {np.mean(hits):.3f}" for name, hits in sorted(right.items()))
    at = torch.tensor([one.task == "entails" for one in held])
    labels = torch.tensor([one.label for one in held])
    return line, {
        "entails": temperature(logits[at, :3], labels[at]),
        "answers": temperature(logits[~at, 3], labels[~at]),
    }


def load(model: Encoder, folder: Path) -> list[dict[str, Any]]:
    """Sets the model to the adaptation in `folder`; the runs that made it."""
    facts = json.loads((folder / "judge.json").read_text("utf-8"))
    held = adaptation(folder / "lora.npz", facts["lora_sha256"])
    with torch.no_grad():
        for name, product in model.products.items():
            if product.learns:
                product.down.copy_(torch.from_numpy(held[f"{name}.down"]))
                product.up.copy_(torch.from_numpy(held[f"{name}.up"]) / SCALE)
        for name, head in (("entails", model.entails), ("answers", model.answers)):
            head.weight.copy_(torch.from_numpy(held[f"{name}.weight"]))
            head.bias.copy_(torch.from_numpy(held[f"{name}.bias"]))
    return list(facts["runs"])


def save(model: Encoder, out: Path, facts: dict[str, Any]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for name, product in model.products.items():
        if not product.learns:
            continue
        tensors[f"{name}.down"] = product.down.detach().numpy()
        tensors[f"{name}.up"] = (SCALE * product.up.detach()).numpy()
    for name, head in (("entails", model.entails), ("answers", model.answers)):
        tensors[f"{name}.weight"] = head.weight.detach().numpy()
        tensors[f"{name}.bias"] = head.bias.detach().numpy()
    with (out / "lora.npz.part").open("wb") as file:
        np.savez(file, **packed(tensors))
    (out / "lora.npz.part").replace(out / "lora.npz")
    facts["lora_sha256"] = hashlib.sha256((out / "lora.npz").read_bytes()).hexdigest()
    (out / "judge.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", "utf-8")


def main(
    data: Annotated[Path, typer.Option(help="Folder of the sets.")],
    out: Annotated[Path, typer.Option(help="Where the adaptation goes.")],
    minutes: float = 30,
    rate: float = 7e-4,
    workers: int = 2,
    onward: Annotated[Path | None, typer.Option(help="Folder of an adaptation to go on from.")] = None,
) -> None:
    """Trains with `workers` processes of one thread each: on a busy machine they wait for each other once a batch."""
    folder = mkdtemp()
    torch.multiprocessing.spawn(_train, (workers, folder, data, out, minutes, rate, onward), workers)


def _run(seen: Counter[str], minutes: float, rate: float, workers: int) -> dict[str, Any]:
    """What judge.json says of a run: pairs seen by all workers (their shares are alike), minutes, rate."""
    pairs = {name: workers * count for name, count in sorted(seen.items())}
    return {"minutes": round(minutes, 1), "rate": rate, "pairs": pairs}


def _train(
    worker: int, workers: int, meeting: str, data: Path, out: Path, minutes: float, rate: float, onward: Path | None
) -> None:
    distributed.init_process_group("gloo", f"file://{meeting}/meet", rank=worker, world_size=workers)
    torch.set_num_threads(1)
    torch.manual_seed(5)
    random = Random(5)
    source = models.ensure(models.EMBEDDER_FILES[0])
    tokenizer = Tokenizer.from_file(str(source.with_name("tokenizer.json")))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    everything = material.pairs(data)
    held_share = {"fever": 0.15, "fm2": 0.15, "factcheck": 0.15}
    held, train = [], []
    for one in everything:
        away = share("held" + one.group) < held_share.get(one.source, 0.02)
        (held if away else train).append(one)
    per = Counter[str]()
    kept = []
    for one in held:  # at most 40 of a source and task
        per[one.task + one.source] += 1
        if per[one.task + one.source] <= 40:
            kept.append(one)
    held = kept
    ids, held_ids = encoded(tokenizer, train), encoded(tokenizer, held)
    model = Encoder(weights_file.read(source))
    earlier = load(model, onward) if onward else []
    model.train()
    heads = [*model.entails.parameters(), *model.answers.parameters()]
    low = [*model.products.parameters()]
    typer.echo(f"{len(train)} train, {len(held)} held, {sum(p.numel() for p in low)} low-rank")
    optimiser = torch.optim.AdamW(
        [{"params": low, "lr": rate}, {"params": heads, "lr": 2 * rate}], weight_decay=0.01, fused=True
    )
    learning = [*low, *heads]
    for parameter in learning:
        parameter.grad = torch.zeros_like(parameter)
    distributed.barrier()
    start, shown, saved = time.monotonic(), 0.0, 0.0
    seen, losses, passes, steps = Counter[str](), [], 0, 0
    facts: dict[str, Any] = {
        "base": models.MODELS[models.EMBEDDER_FILES[0]].sha256, "rank": RANK, "prefixes": PREFIX, "max_tokens": LONGEST,
        "data": [{"file": n, "sha256": h, "licence": lic} for n, h, lic in material.listed(data)],
    }  # fmt: skip
    done = False
    while not done:
        passes += 1
        order = []
        for at, one in enumerate(train):
            if len(ids[at]) > SHORT:
                continue
            times = TAKEN.get((one.task, one.source), 1.0)
            order += [at] * (int(times) + (random.random() < times % 1))
        random.shuffle(order)
        made = batches(ids, order, random)
        torch.manual_seed(100 * passes + worker)
        for batch in made[worker::workers][: len(made) // workers]:
            clock = torch.tensor([time.monotonic() - start])
            distributed.broadcast(clock, 0)
            part = float(clock) / (60 * minutes)
            if part >= 1:
                done = True
                break
            factor = min(1.0, (part + 1e-3) / 0.03) * (1 - part)
            for group, base in zip(optimiser.param_groups, (rate, 2 * rate), strict=True):
                group["lr"] = base * factor
            loss = loss_of(model(padded([ids[at] for at in batch])), [train[at] for at in batch])
            loss.backward()
            together = torch.cat([p.grad.flatten() for p in learning])
            distributed.all_reduce(together)
            for parameter, piece in zip(learning, together.split([p.numel() for p in learning]), strict=True):
                parameter.grad.copy_(piece.view_as(parameter)).div_(workers)
            torch.nn.utils.clip_grad_norm_(learning, 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=False)
            losses.append(float(loss.detach()))
            steps += 1
            for at in batch:
                seen[f"{train[at].task} {train[at].source}"] += 1
            now = time.monotonic() - start
            if worker == 0 and now - shown > 30:
                shown = now
                typer.echo(
                    f"{now:.0f} s, pass {passes}, step {steps}, pairs {workers * sum(seen.values())}, "
                    f"loss {np.mean(losses[-200:]):.4f}"
                )
            if worker == 0 and now - saved > 300:
                saved = now
                line, facts["temperature"] = report(model, held, held_ids)
                typer.echo(f"{line} {facts['temperature']}")
                save(model, out, facts | {"runs": [*earlier, _run(seen, now / 60, rate, workers)]})
    if worker == 0:
        line, facts["temperature"] = report(model, held, held_ids)
        typer.echo(f"{line} {facts['temperature']}")
        save(model, out, facts | {"runs": [*earlier, _run(seen, minutes, rate, workers)]})


if __name__ == "__main__":
    typer.run(main)
