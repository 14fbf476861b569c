"""Vouch in other people's tools: an OpenAI-compatible HTTP server and an MCP server over one service."""
