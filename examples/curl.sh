#!/bin/sh
# A question over bare HTTP, and the quotes of its answer.
curl -s "$VOUCH_URL/v1/chat/completions" -H "Content-Type: application/json" \
    -d "{\"model\": \"vouch\", \"messages\": [{\"role\": \"user\", \"content\": \"$1\"}]}" |
    python3 -c '
import json, sys
made = json.load(sys.stdin)
print(made["choices"][0]["message"]["content"])
for quote in made["vouch"]["quotes"]:
    print("-", quote["text"])'
