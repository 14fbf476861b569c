"""The MCP server as the official client sees it: in memory, and as a process on standard input and output."""

import json
import os
import sys

import anyio
import pytest
from mcp import Client, StdioServerParameters, stdio_client

from rag.server.mcp import server
from tests.server.conftest import BRIDGE

ASKED = "When was the Orrin bridge opened?"


def with_client(transport, work):
    async def run():
        async with Client(transport) as client:
            return await work(client)

    return anyio.run(run)


async def called(client, name: str, **arguments):
    made = await client.call_tool(name, arguments)
    assert not made.is_error, made
    told = made.structured_content
    return told["result"] if set(told) == {"result"} else told


def test_an_agent_reads_quotes_and_asks(service, tmp_path):
    async def work(client):
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert names == {"ask", "search", "open_source", "find", "quote", "check", "add_sources"}
        [hit, *_] = await called(client, "search", query="ferry")
        source = hit["chunk"]["uri"]
        page = await called(client, "open_source", source=source)
        assert page["text"] == BRIDGE.strip() or page["text"] == BRIDGE
        [place] = await called(client, "find", source=source, text="FERRY")
        assert page["text"][place["start"] : place["end"]] == "ferry"
        quote = await called(client, "quote", source=source, text="opened on 4 May 1931")
        assert quote["verbatim"] and page["text"][quote["start"] : quote["end"]] == quote["text"]
        assert not (await called(client, "quote", source=source, text="opened on 4 May 1932"))["verbatim"]
        answer = await called(client, "ask", question=ASKED)
        assert answer["status"] == "answered" and answer["quotes"]
        held = await client.read_resource(f"vouch://answers/{answer['id']}")
        assert json.loads(held.contents[0].text)["id"] == answer["id"]
        (tmp_path / "lamp.txt").write_text("The lamp of Grey Point was lit in 1871.", "utf-8")
        [added] = await called(client, "add_sources", sources=[str(tmp_path / "lamp.txt")])
        assert added["status"] == "added"
        prompt = await client.get_prompt("answer_from_sources", {"question": ASKED})
        assert ASKED in prompt.messages[0].content.text

    with_client(server(service), work)


def test_resources_and_prompts_are_listed_and_read_over_http(service, served):
    address = f"{served(server(service).streamable_http_app())}/mcp"

    async def work(client):
        fixed = {str(one.uri) for one in (await client.list_resources()).resources}
        templates = {one.uri_template for one in (await client.list_resource_templates()).resource_templates}
        assert fixed == {"vouch://sources"}
        assert templates == {"vouch://sources/{index}", "vouch://answers/{id}"}
        told = [await client.read_resource(uri) for uri in ("vouch://sources", "vouch://sources/work")]
        assert [json.loads(one.contents[0].text)[0]["title"] for one in told] == ["bridge", "bridge"]
        prompts = {one.name: one for one in (await client.list_prompts()).prompts}
        assert [one.name for one in prompts["check_against_sources"].arguments] == ["text"]
        prompt = await client.get_prompt("check_against_sources", {"text": BRIDGE})
        assert BRIDGE in prompt.messages[0].content.text and set(prompts) > {"check_against_sources"}
        checked = await called(client, "check", text="The Orrin bridge was opened on 4 May 1931.")
        assert [claim["verdict"] for claim in checked["claims"]] == ["supported"]

    with_client(address, work)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("open_source", {"source": "nowhere"}), ("search", {"query": " "}), ("ask", {"question": ""})],
)
def test_what_cannot_be_done_is_told_with_the_remedy(service, tool, arguments):
    async def work(client):
        return await client.call_tool(tool, arguments)

    made = with_client(server(service), work)
    assert made.is_error and len(made.content[0].text) > 20


def test_a_process_serves_it_on_standard_input_and_output(config, service):
    async def work(client):
        return await called(client, "search", query="bridge", k=1)

    environment = {**os.environ, "VOUCH_CONFIG": str(config)}
    command = StdioServerParameters(command=sys.executable, args=["-m", "rag", "mcp"], env=environment)
    [hit] = with_client(stdio_client(command), work)
    assert "Orrin" in hit["chunk"]["text"]
