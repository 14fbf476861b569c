"""What the HTTP server is sent, as OpenAPI shows it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from rag.index.selection import selection
from rag.sources.kinds import media_types
from rag.types import Selection

Index = Annotated[str, Field(max_length=100, description="Name of an index; the configured one where it is empty.")]


class Part(BaseModel):
    """A part of a message; all but text is passed over."""

    model_config = ConfigDict(extra="allow")
    type: str = "text"
    text: str = ""


class Message(BaseModel):
    model_config = ConfigDict(extra="allow")
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[Part] | None = ""

    def told(self) -> str:
        """Its text."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class Only(BaseModel):
    """Which sources are asked; of what is left empty, all."""

    sources: list[str] = Field(
        default=[],
        max_length=100,
        description="Addresses, titles, folders, sites, or patterns with *.",
    )
    kinds: list[str] = Field(default=[], max_length=30, description="pdf, html, docx, …")
    since: str = Field(default="", description="2024, 2024-05 or 2024-05-31: of pages dated then or later.")
    until: str = ""
    tags: list[str] = Field(default=[], max_length=100, description="Of sources that have one of these.")

    def selection(self) -> Selection | None:
        """Raises UsageFault."""
        return selection(self.sources, media_types(self.kinds), self.since, self.until, self.tags)


class ChatRequest(BaseModel):
    """Of OpenAI's chat completions. Other fields (temperature, tools, …) are accepted and change nothing."""

    model_config = ConfigDict(extra="allow")
    model: str = Field("vouch", description='"vouch", or "vouch:NAME" for another index than the configured one.')
    messages: list[Message] = Field(min_length=1, max_length=200)
    stream: bool = False
    thorough: bool = Field(False, description="Read twice as much evidence; takes about twice as long.")
    only: Only = Field(default_factory=Only)


class SearchRequest(BaseModel):
    query: str = Field(min_length=1, max_length=2000)
    k: int = Field(10, ge=1, le=100)
    index: Index = ""
    only: Only = Field(default_factory=Only)


class CheckRequest(BaseModel):
    text: str = Field(min_length=1, max_length=50_000)
    index: Index = ""
    only: Only = Field(default_factory=Only)


class AddRequest(BaseModel):
    sources: list[str] = Field(min_length=1, max_length=100, description="http(s) addresses.")
    index: Index = ""


class EmbeddingsRequest(BaseModel):
    """Of OpenAI's embeddings. `input_type` "query" embeds questions, else passages are."""

    model_config = ConfigDict(extra="allow")
    model: str = ""
    input: str | list[str] = Field(max_length=2000)
    input_type: Literal["query", "passage"] = "passage"

    def texts(self) -> list[str]:
        return [self.input] if isinstance(self.input, str) else self.input


class Wrong(BaseModel):
    message: str
    type: str
    code: str | None = None
    param: str | None = None


class Refusal(BaseModel):
    """What goes wrong, in OpenAI's form."""

    error: Wrong


Object = dict[str, Any]
