"""What the shipped fake says where it mimics Ollama's own interface.

"ollama" is a version of today, "ollama_old" one without probabilities that cuts off silently what `num_ctx` does not
hold, "ollama_thinks" has a model that thinks unless it is told not to.
"""

from typing import Any

MODES = ("ollama", "ollama_old", "ollama_thinks")
TRAINED, USUAL = 32_768, 2048  # tokens: what the model can read, and what it reads where nobody says how much
LIMIT = "the input length exceeds the context length"


def about(path: str, model: str) -> dict[str, Any] | None:
    """The reply to a GET of /api/`path`; None where there is none."""
    details = {"parameter_size": "7B", "quantization_level": "Q4_K_M"}
    named = [{"name": name, "size": 4_700_000_000, "details": details} for name in (model, "fake-vectors")]
    told: dict[str, dict[str, Any]] = {"version": {"version": "0.12.11"}, "tags": {"models": named}}
    return told.get(path)


def show(model: str) -> dict[str, Any]:
    able = ["embedding"] if model == "fake-vectors" else ["completion", "tools"]
    return {"capabilities": able, "model_info": {"general.architecture": "fake", "fake.context_length": TRAINED}}


def embeddings(texts: list[str]) -> dict[str, Any]:
    """Three numbers of each text: its length, and how often a and e stand in it."""
    return {"embeddings": [[float(len(text)), text.count("a") + 1.0, text.count("e") + 1.0] for text in texts]}


def chat(mode: str, body: dict[str, Any], text: str, asked: int, called: str) -> tuple[int, list[dict[str, Any]]]:
    """(status, the objects of a reply to /api/chat, a line each where it is streamed), for a prompt of `asked` tokens;
    `called` names the tool that is called where there is one."""
    window = body.get("options", {}).get("num_ctx", USUAL)
    if asked > window and mode != "ollama_old" and body.get("truncate") is False:
        return 400, [{"error": LIMIT}]
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if mode == "ollama_thinks" and body.get("think") is not False:
        message = {"content": "", "thinking": "Hm"}
    if called:
        message = {"content": "", "tool_calls": [{"function": {"name": called, "arguments": {"query": "bridge"}}}]}
    sure: dict[str, Any] = {}
    if body.get("logprobs") and mode != "ollama_old":
        likely = [{"token": text, "logprob": -0.1}, {"token": "No", "logprob": -2.4}]
        sure = {"logprobs": [{**likely[0], "top_logprobs": likely[: body.get("top_logprobs", 0)]}]}
    done = {"done": True, "done_reason": "stop", "prompt_eval_count": min(asked, window), "eval_count": 1}
    if not body.get("stream", True):
        return 200, [{"message": message, **sure, **done}]
    return 200, [{"message": message, "done": False, **sure}, {"message": {"role": "assistant", "content": ""}, **done}]
