"""The WebGPT environment: browser, actions, what is in view, quotes, budget."""
