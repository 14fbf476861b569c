"""What the server says of itself (OpenAPI) holds for requests that schemathesis makes from it, right and wrong ones."""

import re
import subprocess
import sys

from rag.server.http import application

KEY = "sesame"
PASSED_OVER = "positive_data_acceptance"  # a form cannot say that the last message must be a question


def test_no_request_finds_what_openapi_does_not_say(served, service, tmp_path):
    address = served(application(service, KEY))
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}/openapi.json", "--phases=coverage,fuzzing"]
    command += ["-n", "10", "--seed=1", "--continue-on-failure", "--suppress-health-check=all"]
    command += [f"--exclude-checks={PASSED_OVER}", "-H", f"Authorization: Bearer {KEY}"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout[-6000:] + told.stderr[-2000:]
    [generated] = re.findall(r"(\d+) generated", told.stdout)
    assert int(generated) > 200
