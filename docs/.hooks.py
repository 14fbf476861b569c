"""Pages of the site that stand at the top of the repository, where people look for them first."""

from pathlib import Path
from typing import Any

TOP = {"contributing.md": "CONTRIBUTING.md", "security.md": "SECURITY.md", "changelog.md": "CHANGELOG.md"}


def on_files(files: Any, config: Any) -> Any:
    from mkdocs.structure.files import File

    for name, path in TOP.items():
        text = Path(config.config_file_path).with_name(path).read_text("utf-8").replace("](docs/", "](")
        files.append(File.generated(config, name, content=text))
    return files
