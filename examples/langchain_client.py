"""LangChain, in one process with Vouch: a retriever, a runnable and the tools of an agent.

An agent is made where a model of yours is named: VOUCH_AGENT=provider:model, any that init_chat_model knows.
"""

import os
import sys

from langchain.agents import create_agent

from rag.config import load
from rag.server.langchain import answering, retriever, tools
from rag.server.service import Service

question, service = sys.argv[1], Service.start(load())
for document in retriever(service, k=2).invoke(question):
    said = " ".join(document.page_content.split())
    print(f"- {document.metadata['title']}, {document.metadata['start']}: {said[:60]}…")
print(answering(service).invoke(question).text)
search, *_ = tools(service)[1:]
print(f"{search.name}: {len(search.invoke({'query': question, 'k': 3}))} passages")
if model := os.environ.get("VOUCH_AGENT"):
    ended = create_agent(model, tools(service)).invoke({"messages": [("user", question)]})
    print(ended["messages"][-1].text)
service.close()
