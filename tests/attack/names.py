"""Names that answer differently the second time: a real resolver against a real name server, in a network apart."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

from tests.attack.ground import Case, Ground

ANSWERS = {  # name -> the addresses that it has the first time, the second time and from then on
    "public, then this machine": [["93.184.216.34"], ["127.0.0.1"]],
    "this machine, then public": [["127.0.0.1"], ["93.184.216.34"]],
    "public and this machine at once": [["93.184.216.34", "127.0.0.1"]],
    "this machine and public at once": [["127.0.0.1", "93.184.216.34"]],
    "public, then the network": [["93.184.216.34"], ["10.0.0.1"]],
    "the network": [["192.168.1.1"]],
    "cloud metadata": [["169.254.169.254"]],
    "zeros": [["0.0.0.0"]],
    "no address": [[]],
}

PROGRAM = """
import json, socket, struct, subprocess, sys, threading
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
answers, asked = json.loads(sys.argv[1]), {}
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))

def name_of(query):
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode())
        at += query[at] + 1
    return ".".join(labels).lower(), at + 1

def serve():
    while True:
        query, who = server.recvfrom(512)
        name, end = name_of(query)
        kind = struct.unpack("!H", query[end : end + 2])[0]
        turns = answers.get(name, [[]])
        addresses = []
        if kind == 1:
            turn = asked.get(name, 0)
            asked[name] = turn + 1
            addresses = turns[min(turn, len(turns) - 1)]
        said = b"".join(b"\\xc0\\x0c" + struct.pack("!HHIH", 1, 1, 0, 4) + socket.inet_aton(one) for one in addresses)
        head = query[:2] + struct.pack("!HHHHH", 0x8180, 1, len(addresses), 0, 0)
        server.sendto(head + query[12 : end + 4] + said, who)

threading.Thread(target=serve, daemon=True).start()
from rag.config import FetchConfig
from rag.errors import SourceFault
from rag.sources.fetch import fetch
from tests.sources.local_site import send, serve as serve_site
with serve_site() as inside:
    inside.pages["/"] = send(b"secret")
    for name in answers:
        for _ in range(3):
            try:
                print("READ", fetch(f"http://{name}:{inside.port}/", FetchConfig(timeout_seconds=1.0)).content)
            except SourceFault as fault:
                print(fault)
    print("asked", len(inside.asked))
"""
_UNSHARED = ["unshare", "-rmn", "sh", "-c"]
_RESOLVER = 'printf "nameserver 127.0.0.1\\noptions timeout:1 attempts:1\\n" > "$0/resolv" && '
_RESOLVER += 'mount --bind "$0/resolv" /etc/resolv.conf && exec "$1" -c "$2" "$3"'


def _rebinding(name: str, ground: Ground) -> str:
    host = f"{name.replace(' ', '-').replace(',', '')}.attack.test"
    told = subprocess.run(
        [*_UNSHARED, _RESOLVER, str(ground.folder), sys.executable, PROGRAM, json.dumps({host: ANSWERS[name]})],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )
    assert told.returncode == 0, told.stderr[-800:]
    *faults, last = told.stdout.splitlines()
    assert last == "asked 0" and len(faults) == 3 and not any(fault.startswith("READ") for fault in faults), told.stdout
    return faults[0]


def possible() -> bool:
    """Whether this system lets a test have a network of its own."""
    script = "ip link set lo up && mount --bind /etc/hostname /etc/resolv.conf"
    try:
        return subprocess.run([*_UNSHARED, script], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


CASES = [Case("names", name, partial(_rebinding, name)) for name in ANSWERS] if possible() else []
