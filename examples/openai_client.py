"""The official OpenAI client; `vouch` is what Vouch adds to its answer."""

import os
import sys

from openai import OpenAI

client = OpenAI(base_url=f"{os.environ['VOUCH_URL']}/v1", api_key="none")
made = client.chat.completions.create(model="vouch", messages=[{"role": "user", "content": sys.argv[1]}])
print(made.choices[0].message.content)
for sentence in made.vouch["sentences"]:
    print(f"- {sentence['verdict']} ({sentence['probability']}) by quotes {sentence['citations']}: {sentence['text']}")
