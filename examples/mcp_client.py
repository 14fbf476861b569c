"""The official MCP client, which starts `vouch mcp` as editors and agents do."""

import os
import sys

import anyio
from mcp import Client, StdioServerParameters, stdio_client


async def main(question: str) -> None:
    command = StdioServerParameters(command=sys.executable, args=["-m", "rag", "mcp"], env=dict(os.environ))
    async with Client(stdio_client(command)) as client:
        print("tools:", ", ".join(tool.name for tool in (await client.list_tools()).tools))
        answer = (await client.call_tool("ask", {"question": question})).structured_content
        print(answer["answer"] or answer["reason"])
        for quote in answer["quotes"][:1]:
            told = await client.call_tool("quote", {"source": quote["source"], "text": quote["text"]})
            print("- stands there verbatim:", told.structured_content["verbatim"])


anyio.run(main, sys.argv[1])
