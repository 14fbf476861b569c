"""A data folder of our own text: files in the form of the real sets, pinned by a sets.toml of the folder."""

import gzip
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class ToyFolder:
    path: Path
    pinned: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict)

    def put(self, set_name: str, name: str, content: bytes) -> Path:
        path = self.path / set_name / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.pinned.setdefault(set_name, []).append((name, content))
        self.pin()
        return path

    def put_rows(self, set_name: str, name: str, rows: list[dict]) -> Path:
        return self.put(set_name, name, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())

    def put_tree(self, set_name: str, name: str, tree: object) -> Path:
        return self.put(set_name, name, json.dumps(tree, ensure_ascii=False).encode())

    def put_packed(self, set_name: str, name: str, content: bytes) -> Path:
        return self.put(set_name, name, gzip.compress(content))

    def pin(self, heads: str = "") -> None:
        text = heads
        for set_name, files in self.pinned.items():
            lines = [
                f'{{name="{name}", bytes={len(content)}, sha256="{hashlib.sha256(content).hexdigest()}"}}'
                for name, content in files
            ]
            text += f"[{set_name}]\nfiles = [{', '.join(lines)}]\n"
        (self.path / "sets.toml").write_text(text)
