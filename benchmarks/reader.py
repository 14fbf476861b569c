"""How fast the local reader is here: prompt and output tokens a second, beside other ways to run the same file.

    python -m benchmarks.reader
    python -m benchmarks.reader --other /path/to/venv/bin/python     # a venv with llama-cpp-python
    python -m benchmarks.reader --busy 4     # beside four programs that want the cores: as shipped, and as OpenMP spins

Each way gets the same prompt of quotes (nothing cached) and writes the same number of tokens; ways take turns in one
run, and the best of the rounds counts.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import httpx
import typer

from rag import models
from rag.generation import local, serve
from rag.generation.running import ServerSettings

SENTENCE = "The {n}th lock of the Orrin canal was opened in {year} and holds {n}400 cubic metres of water. "
OUTPUT = 48
OTHER = """
import json, sys, time
from llama_cpp import Llama
path, threads = sys.argv[1], int(sys.argv[2])
llm = Llama(path, n_ctx=4096, n_threads=threads, n_threads_batch=threads, verbose=False, logits_all=False)
for line in sys.stdin:
    prompt, output = json.loads(line)
    llm.reset()
    tokens = llm.tokenize(prompt.encode())
    start = time.perf_counter(); llm.eval(tokens); middle = time.perf_counter()
    token = 0
    for _ in range(output):
        token = llm.sample(temp=0.0); llm.eval([token])
    end = time.perf_counter()
    print(json.dumps([len(tokens) / (middle - start), output / (end - middle)]), flush=True)
"""


def main(
    other: Annotated[Path | None, typer.Option(help="A Python that has llama-cpp-python.")] = None,
    busy: Annotated[int, typer.Option(help="Programs that want the cores meanwhile.")] = 0,
    rounds: int = 3,
    output: Annotated[int, typer.Option(help="Tokens to write.")] = OUTPUT,
) -> None:
    if busy:
        beside(busy, rounds, output)
        return
    threads = len(os.sched_getaffinity(0))
    path = models.ensure(models.READER)
    # A home of its own: a server that runs already was started with another environment, and has other work.
    server = local.connect(ServerSettings(path, threads, 4096, Path(tempfile.mkdtemp(prefix="vouch-bench-"))))
    ways = {"xllamacpp (the default)": lambda prompt: shipped(server, prompt, output)}
    process = None
    if other:
        command = [str(other), "-c", OTHER, str(path), str(threads)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ways["llama-cpp-python built here"] = lambda prompt: foreign(process, prompt, output)
    best = {way: [0.0, 0.0] for way in ways}
    for number in range(rounds):
        prompt = "".join(SENTENCE.format(n=number * 40 + n, year=1800 + n) for n in range(1, 14))
        for way, run in ways.items():
            best[way] = [max(pair) for pair in zip(best[way], run(prompt), strict=True)]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"threads {threads}, load average {load}, {path.name}")
    for way, (prompt_rate, output_rate) in best.items():
        print(f"{way:32} prompt {prompt_rate:6.1f} tokens/s   output {output_rate:5.1f} tokens/s")
    if process:
        process.terminate()


def beside(busy: int, rounds: int, output: int) -> None:
    """This benchmark again, in a process of its own for each way to wait, which OpenMP reads as it is loaded."""
    for name, spins in (("as shipped", serve.SPINS), ("OpenMP's default", "300000")):
        idlers = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(busy)]
        try:
            print(f"\nbeside {busy} busy programs, {name}: GOMP_SPINCOUNT {spins}", flush=True)
            command = [sys.executable, "-m", "benchmarks.reader", f"--rounds={rounds}", f"--output={output}"]
            subprocess.run(command, env={**os.environ, "GOMP_SPINCOUNT": spins}, check=True)
        finally:
            for idler in idlers:
                idler.kill()


def shipped(server: local.LocalServer, prompt: str, output: int) -> list[float]:
    """[prompt, output] tokens a second by llama.cpp's own count."""
    asked = {"prompt": prompt, "n_predict": output, "temperature": 0, "cache_prompt": False, "ignore_eos": True}
    key = {"Authorization": f"Bearer {server.key}"}
    reply = httpx.post(f"{server.address}/completion", json=asked, headers=key, timeout=300, trust_env=False)
    found = reply.raise_for_status().json()["timings"]
    return [found["prompt_per_second"], found["predicted_per_second"]]


def foreign(process: "subprocess.Popen[str]", prompt: str, output: int) -> list[float]:
    assert process.stdin and process.stdout
    process.stdin.write(json.dumps([prompt, output]) + "\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        sys.exit("the other Python ended; has it llama-cpp-python?")
    return list(json.loads(line))


if __name__ == "__main__":
    typer.run(main)
