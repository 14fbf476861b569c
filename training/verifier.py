"""Trains the small judge: a low-rank adaptation of multilingual-e5-small with three heads, in minutes on two cores.

    nice -n 2 python -m training.verifier --data ../shared/data --minutes 30

Needs torch. The base weights stay as they are; only the adaptation (Hu et al. 2021) and the heads learn.
The learning rate falls with the clock, so that a run of any length ends at zero. Writes `lora.npz` (int8)
and `judge.json` (data with hashes, licences, counts, temperatures, hash of the weights) into `--out`.
"""

import hashlib
import json
import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
HELD = 25  # pairs at most of a task and source that are kept apart and reported on
RUN = 2000  # pairs encoded at once, of which batches of like length are made
UNTOLD = (-100, -100)  # what cross-entropy ignores
PARTS = {"qkv": ("q", "k", "v"), "ao": ("ao",), "fi": ("fi",), "fo": ("fo",)}
TOKENS = 1400  # of a batch, padding counted
SHORT = 140  # longer pairs cost more than they teach
SPAN_SHARE = 0.5  # of the loss of a pair whose answer is known to the letter, beside that of whether it is stated
# bfloat16 where the processor multiplies it; elsewhere it is emulated and takes twenty times as long.
DTYPE = torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else torch.float32
# How often a pair is taken in one pass, by task and source: people's labels more than once, plentiful made ones seldom.
TAKEN = {
    "answers": {"cmrc2018": 0.5, "squad": 0.3, "squad2": 0.6, "newwiki": 0.3, "searched": 0.7, "halueval": 0.06,
        "relations": 0.05, "news": 0.1, "chunking": 0.3, "cmrc": 0.1},
    "entails": {"feverpairs": 0.5, "sufficient": 0.7, "mnli": 0.3, "revised": 0.3, "monotonicity": 0.35, "boolq": 0.6,
        "cmrc2018": 0.6, "squad": 0.4, "squad2": 0.4, "newwiki": 0.3, "searched": 0.5, "fever": 3.0, "fm2": 3.0,
        "factcheck": 0.8, "halueval": 0.06, "news": 0.06, "wiki2": 0.08, "relations": 0.04, "keywords": 0.15,
        "cmrc": 0.1},
}  # fmt: skip


class Adapted(nn.Module):
    """x W + b, and the low-rank part that learns."""

    def __init__(self, weight: Tensor, bias: Tensor, learns: bool) -> None:
        super().__init__()
        self.register_buffer("weight", weight.to(DTYPE))
        self.register_buffer("bias", bias.to(DTYPE))
        self.learns = learns
        if learns:
            self.down = nn.Parameter(torch.randn(RANK, weight.shape[1]) / math.sqrt(weight.shape[1]))
            self.up = nn.Parameter(torch.zeros(weight.shape[0], RANK))

    def forward(self, states: Tensor) -> Tensor:
        plain = functional.linear(states, self.weight, self.bias)
        if not self.learns:
            return plain
        low = functional.linear(states, self.down.to(DTYPE))
        return plain + functional.linear(low, (SCALE * self.up).to(DTYPE))


class Encoder(nn.Module):
    """BERT from the weights file, with `Adapted` products, two linear heads on [first, mean] and one on each token."""

    def __init__(self, read: weights_file.Weights) -> None:
        super().__init__()
        shape = self.shape = read.shape

        def tensor(name: str, *size: int) -> Tensor:
            return torch.from_numpy(read.floats(name, *size).copy())

        self.words = tensor("emb.word", shape.vocabulary, shape.hidden).to(DTYPE)
        self.places = (
            tensor("emb.pos", shape.positions, shape.hidden) + tensor("emb.type", shape.token_types, shape.hidden)[0]
        )
        self.norms = {
            name: (tensor(name + ".w").to(DTYPE), tensor(name + ".b").to(DTYPE))
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
        self.spans = nn.Linear(shape.hidden, 2)
        for head in (self.entails, self.answers, self.spans):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def norm(self, name: str, states: Tensor) -> Tensor:
        weight, bias = self.norms[name]
        return functional.layer_norm(states, (self.shape.hidden,), weight, bias, self.shape.epsilon)

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, 4): three logits of `entails`, one of `answers`; (batch, tokens, 2): where the answer begins, where
        its last token is."""
        batch, length = ids.shape
        seen = ids != PAD
        barred = torch.zeros(batch, 1, 1, length, dtype=DTYPE).masked_fill_(~seen[:, None, None, :], -1e4)
        states = self.norm("emb.ln", self.words[ids] + self.places[:length].to(DTYPE))
        heads, size = self.shape.heads, self.shape.hidden // self.shape.heads
        for layer in range(self.shape.layers):
            product = lambda part, x, layer=layer: self.products[f"l{layer}_{part}"](x)  # noqa: E731
            joined = product("qkv", states).view(batch, length, 3, heads, size).permute(2, 0, 3, 1, 4)
            query, key, value = joined[0], joined[1], joined[2]
            mixed = functional.scaled_dot_product_attention(query, key, value, barred).transpose(1, 2)
            mixed = mixed.reshape(batch, length, -1)
            states = self.norm(f"l{layer}.aln", product("ao", mixed) + states)
            states = self.norm(f"l{layer}.oln", product("fo", functional.gelu(product("fi", states))) + states)
        wide = states.float()
        mean = (wide * seen[..., None]).sum(1) / seen.sum(1, keepdim=True)
        pooled = torch.cat([wide[:, 0], mean], 1)
        if self.training:
            pooled = functional.dropout(pooled, 0.1)
        spans = self.spans(wide).masked_fill(~seen[..., None], -1e4)
        return torch.cat([self.entails(pooled), self.answers(pooled)], 1), spans


@dataclass(frozen=True, slots=True)
class Encoded:
    """`ids`: <s> prefix left </s></s> right </s>; `span`: first and last token of the answer, (0, 0) where there is
    none, UNTOLD where that is not known."""

    ids: NDArray[np.int32]
    span: tuple[int, int]


def encoded(tokenizer: Any, pairs: Sequence[Pair]) -> list[Encoded]:
    """The right is cut so that all is at most LONGEST tokens."""
    lefts = tokenizer.encode_batch_fast([PREFIX[one.task] + one.left for one in pairs], add_special_tokens=False)
    rights = tokenizer.encode_batch([one.right for one in pairs], add_special_tokens=False)
    made = []
    for one, left, right in zip(pairs, lefts, rights, strict=True):
        head = [BOS, *left.ids[: LONGEST // 2], EOS, EOS]
        ids = np.array([*head, *right.ids[: LONGEST - 1 - len(head)], EOS], np.int32)
        span = (0, 0) if one.task == "answers" and not one.label else UNTOLD
        if one.span:
            begin, end = one.span
            held = [at for at, (a, b) in enumerate(right.offsets) if a < end and b > begin]
            if held and len(head) + held[-1] < len(ids) - 1:
                span = (len(head) + held[0], len(head) + held[-1])
        made.append(Encoded(ids, span))
    return made


def batches(made: Sequence[Encoded], random: Random) -> list[list[int]]:
    """Of like length, cut by TOKENS, in random order; what is longer than SHORT is in none."""
    found: list[list[int]] = [[]]
    for at in sorted((n for n in range(len(made)) if len(made[n].ids) <= SHORT), key=lambda n: len(made[n].ids)):
        if (len(found[-1]) + 1) * len(made[at].ids) > TOKENS or len(found[-1]) >= 48:
            found.append([])
        found[-1].append(at)
    random.shuffle(found)
    return found


def padded(batch: Sequence[Encoded]) -> Tensor:
    longest = max(len(one.ids) for one in batch)
    return torch.tensor([[*one.ids, *[PAD] * (longest - len(one.ids))] for one in batch])


def logits_of(model: Encoder, held: Sequence[Encoded]) -> tuple[Tensor, list[bool]]:
    """(pairs, 4); and of each pair whose answer is known to the letter whether just these tokens are pointed at."""
    model.eval()
    order = sorted(range(len(held)), key=lambda at: len(held[at].ids))
    out, exact = torch.zeros(len(held), 4), []
    with torch.inference_mode():
        for start in range(0, len(order), 32):
            part = order[start : start + 32]
            out[part], spans = model(padded([held[at] for at in part]))
            told = spans[:, 1:].argmax(1) + 1
            exact += [
                tuple(row.tolist()) == held[at].span for row, at in zip(told, part, strict=True) if held[at].span[0] > 0
            ]
    model.train()
    return out, exact


def loss_of(logits: Tensor, spans: Tensor, batch: Sequence[Encoded], pairs: Sequence[Pair]) -> Tensor:
    """Mean cross-entropy, each pair by its own head, and SPAN_SHARE of that of where the answer begins and ends."""
    labels = torch.tensor([one.label for one in pairs])
    entails = torch.tensor([one.task == "entails" for one in pairs])
    total = functional.cross_entropy(logits[entails, :3], labels[entails], reduction="sum", label_smoothing=0.03)
    total = total + functional.binary_cross_entropy_with_logits(
        logits[~entails, 3], labels[~entails].float() * 0.96 + 0.02, reduction="sum"
    )
    where = torch.tensor([one.span for one in batch])
    for end in (0, 1):
        off = functional.cross_entropy(spans[..., end], where[:, end], reduction="sum")
        total = total + SPAN_SHARE / 2 * off
    return total / len(pairs)


def temperature(logits: Tensor, labels: Tensor) -> float:
    """The T that gives the least log loss of logits / T (Guo et al. 2017), by a grid."""
    grid = torch.linspace(0.5, 4, 141)
    binary = logits.dim() == 1
    loss = functional.binary_cross_entropy_with_logits if binary else functional.cross_entropy
    target = labels.float() if binary else labels
    return float(min(grid, key=lambda t: float(loss(logits / t, target))))


def report(model: Encoder, held: Sequence[Pair], made_of: Sequence[Encoded]) -> tuple[str, dict[str, float]]:
    """Accuracy by task and source in a line; the temperatures fitted on the same pairs."""
    logits, exact = logits_of(model, made_of)
    right: dict[str, list[bool]] = defaultdict(list)
    for one, row in zip(held, logits, strict=True):
        said = int(row[:3].argmax()) if one.task == "entails" else int(row[3] > 0)
        right[f"{one.task[0]}:{one.source}"].append(said == one.label)
    line = " ".join(f"{name} {np.mean(hits):.3f}" for name, hits in sorted(right.items()))
    line += f" spans {np.mean(exact):.3f} of {len(exact)}"
    at = torch.tensor([one.task == "entails" for one in held])
    labels = torch.tensor([one.label for one in held])
    return line, {
        "entails": temperature(logits[at, :3], labels[at]),
        "answers": temperature(logits[~at, 3], labels[~at]),
    }


def heads(model: Encoder) -> tuple[tuple[str, nn.Linear], ...]:
    return ("entails", model.entails), ("answers", model.answers), ("spans", model.spans)


def load(model: Encoder, folder: Path) -> list[dict[str, Any]]:
    """Sets the model to the adaptation in `folder`; the runs that made it."""
    facts = json.loads((folder / "judge.json").read_text("utf-8"))
    held = adaptation(folder / "lora.npz", facts["lora_sha256"])
    with torch.no_grad():
        for name, product in model.products.items():
            if product.learns:
                product.down.copy_(torch.from_numpy(held[f"{name}.down"]))
                product.up.copy_(torch.from_numpy(held[f"{name}.up"]) / SCALE)
        for name, head in heads(model):
            if f"{name}.weight" not in held:  # an adaptation from before this head
                continue
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
    for name, head in heads(model):
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
    for one in held:
        per[one.task + one.source] += 1
        if per[one.task + one.source] <= HELD:
            kept.append(one)
    held = kept
    held_ids = encoded(tokenizer, held)
    model = Encoder(weights_file.read(source))
    earlier = load(model, onward) if onward else []
    model.train()
    on_top = [parameter for _, head in heads(model) for parameter in head.parameters()]
    low = [*model.products.parameters()]
    typer.echo(f"{len(train)} train, {len(held)} held, {sum(p.numel() for p in low)} low-rank")
    optimiser = torch.optim.AdamW(
        [{"params": low, "lr": rate}, {"params": on_top, "lr": 2 * rate}], weight_decay=0.01, fused=True
    )
    learning = [*low, *on_top]
    for parameter in learning:
        parameter.grad = torch.zeros_like(parameter)
    distributed.barrier()
    start, shown, saved = time.monotonic(), 0.0, 0.0
    seen, losses, runs = Counter[str](), [], 0
    facts: dict[str, Any] = {
        "base": models.MODELS[models.EMBEDDER_FILES[0]].sha256, "rank": RANK, "prefixes": PREFIX, "max_tokens": LONGEST,
        "data": [{"file": n, "sha256": h, "licence": lic} for n, h, lic in material.listed(data)],
    }  # fmt: skip
    facts["temperature"] = {"entails": 1.0, "answers": 1.0}
    for pairs in _runs(train, random):
        given_ids = encoded(tokenizer, pairs)
        made = batches(given_ids, random)
        torch.manual_seed(100 * runs + worker)
        runs += 1
        for batch in made[worker::workers][: len(made) // workers]:
            clock = torch.tensor([time.monotonic() - start])
            distributed.broadcast(clock, 0)
            part = float(clock) / (60 * minutes)
            if part >= 1:
                break
            factor = min(1.0, (part + 1e-3) / 0.03) * (1 - part)
            for group, base in zip(optimiser.param_groups, (rate, 2 * rate), strict=True):
                group["lr"] = base * factor
            given = [given_ids[at] for at in batch]
            loss = loss_of(*model(padded(given)), given, [pairs[at] for at in batch])
            loss.backward()
            together = torch.cat([p.grad.flatten() for p in learning])
            distributed.all_reduce(together)
            for parameter, piece in zip(learning, together.split([p.numel() for p in learning]), strict=True):
                parameter.grad.copy_(piece.view_as(parameter)).div_(workers)
            torch.nn.utils.clip_grad_norm_(learning, 1.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=False)
            losses.append(float(loss.detach()))
            for at in batch:
                seen[f"{pairs[at].task} {pairs[at].source}"] += 1
            now = time.monotonic() - start
            if worker == 0 and now - shown > 30:
                shown = now
                typer.echo(f"{now:.0f} s, pairs {workers * sum(seen.values())}, loss {np.mean(losses[-200:]):.4f}")
            if worker == 0 and now - saved > 300:
                saved = now
                save(model, out, facts | {"runs": [*earlier, _run(seen, now / 60, rate, workers)]})
        else:
            continue
        break
    if worker == 0:
        line, facts["temperature"] = report(model, held, held_ids)
        typer.echo(f"{line} {facts['temperature']}")
        save(model, out, facts | {"runs": [*earlier, _run(seen, minutes, rate, workers)]})


def _runs(train: Sequence[Pair], random: Random) -> Iterator[list[Pair]]:
    """RUN pairs at a time, without end: pass after pass, each pair as often as TAKEN says."""
    while True:
        order = []
        for one in train:
            times = TAKEN[one.task].get(one.source, 1.0)
            order += [one] * (int(times) + (random.random() < times % 1))
        random.shuffle(order)
        for start in range(0, len(order), RUN):
            yield order[start : start + RUN]


if __name__ == "__main__":
    typer.run(main)
