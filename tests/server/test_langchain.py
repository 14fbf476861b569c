"""LangChain's own pieces over a service: a chain, an agent, and a model that is langchain-core's fake."""

import pytest
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.runnables import RunnablePassthrough

from rag.errors import UsageFault
from rag.server.langchain import answering, retriever, tools
from tests.server.conftest import BRIDGE
from tests.sources.made_sources import pdf

ASKED = "When was the Orrin bridge opened?"


class Agent(GenericFakeChatModel):
    """Langchain's fake, which says what it was told to, whatever tools it may call."""

    def bind_tools(self, tools, **options):
        return self


def says(*messages: AIMessage) -> Agent:
    return Agent(messages=iter(messages))


def calls(name: str, **arguments) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": name}])


def test_a_retriever_finds_verbatim_documents_with_their_place(service):
    [first, *_] = retriever(service, k=3).invoke("When was the bridge opened?")
    about = first.metadata
    assert BRIDGE[about["start"] : about["end"]] == first.page_content
    assert about["source"].endswith("bridge.txt") and about["page"] is None and about["place"] == ""
    with pytest.raises(UsageFault):
        retriever(service).invoke(" ")


def test_a_document_of_a_pdf_names_its_page(service, tmp_path):
    pages = [[(72, 700, "The Selwick pier is painted white each spring.")], [(72, 700, "It is 412 metres long.")]]
    (tmp_path / "pier.pdf").write_bytes(pdf(pages))
    assert [one["status"] for one in service.add([str(tmp_path / "pier.pdf")])] == ["added"]
    [first] = retriever(service, k=1).invoke("Selwick pier painted")
    assert first.metadata["page"] == 1 and first.metadata["place"].startswith("p")


def test_the_answer_is_a_message_with_the_quotes_it_cites(service):
    made = answering(service).invoke(ASKED)
    assert made.text.startswith("The Orrin bridge was opened on 4 May 1931.[1]") and "bridge.txt" in made.text
    [quote, *_] = made.additional_kwargs["vouch"]["quotes"]
    assert BRIDGE[quote["start"] : quote["end"]] == quote["text"]
    assert made.additional_kwargs["vouch"]["sentences"][0]["verdict"] == "supported"
    declined = answering(service, "work").invoke("What did it cost?")
    assert declined.additional_kwargs["vouch"]["status"] == "abstained" and "nine crowns" not in declined.text


@pytest.mark.parametrize("wrap", [lambda said: said, lambda said: {"messages": said}])
def test_messages_before_the_question_are_the_conversation(service, wrap):
    said = [("system", "Be brief."), ("user", "What is it?"), ("ai", "A bridge."), ("user", "When was it opened?")]
    assert answering(service).invoke(wrap(said)).additional_kwargs["vouch"]["question"] == ASKED
    with pytest.raises(UsageFault):
        answering(service).invoke(wrap(said[:-1]))


def test_it_takes_part_in_a_chain_and_many_are_asked_at_once(service):
    chain = RunnablePassthrough.assign(said=(lambda given: given["question"]) | answering(service))
    made = chain.batch([{"question": ASKED}, {"question": ASKED}])
    assert [one["said"].additional_kwargs["vouch"]["status"] for one in made] == ["answered", "answered"]


def test_an_agent_searches_quotes_and_is_told_what_cannot_be_done(service, tmp_path):
    source = str(tmp_path / "bridge.txt")
    model = says(
        calls("search", query="ferry"),
        calls("quote", source=source, text="opened on 4 May 1931"),
        calls("open_source", source="nowhere"),
        calls("ask", question=ASKED),
        AIMessage("It was opened in 1931."),
    )
    ended = create_agent(model, tools(service)).invoke({"messages": [("user", ASKED)]})
    done = [one for one in ended["messages"] if isinstance(one, ToolMessage)]
    assert [one.name for one in done] == ["search", "quote", "open_source", "ask"]
    assert [one.status for one in done] == ["success", "success", "error", "success"]
    assert '"verbatim": true' in done[1].text and "nowhere" in done[2].text
    assert ended["messages"][-1].text == "It was opened in 1931."
