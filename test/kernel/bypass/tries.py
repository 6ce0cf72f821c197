"""Tries each way that standard input lists, as JSON, some at a time, and prints what came of it: open, refused or silent after so many
seconds as the argument says.

{"kind": "udp", "address": …, "port": …, "payload": HEX}       an echo comes back, or not
{"kind": "tcp", "address": …, "port": …, "payload": HEX?}      a connection stands, and echoes the payload
{"kind": "raw", "address": …, "protocol": …, "payload": HEX}   sent as the whole of an IP packet's data
"""
import json
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

TIMEOUT = float(sys.argv[1])


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def udp(one):
    with socket.socket(family(one["address"]), socket.SOCK_DGRAM) as s:
        s.settimeout(TIMEOUT)
        s.connect((one["address"], one["port"]))
        s.send(bytes.fromhex(one["payload"]))
        return "open" if s.recv(4096) else "silent"


def tcp(one):
    with socket.create_connection((one["address"], one["port"]), TIMEOUT) as s:
        payload = bytes.fromhex(one.get("payload", ""))
        if not payload:
            return "open"
        s.sendall(payload)
        return "open" if s.recv(4096) else "refused"


def raw(one):
    with socket.socket(family(one["address"]), socket.SOCK_RAW, one["protocol"]) as s:
        s.sendto(bytes.fromhex(one["payload"]), (one["address"], 0))
        return "sent"


def attempt(one):
    try:
        return {"udp": udp, "tcp": tcp, "raw": raw}[one["kind"]](one)
    except (ConnectionRefusedError, ConnectionResetError, PermissionError):
        return "refused"
    except OSError:
        return "silent"


with ThreadPoolExecutor(16) as pool:
    print(json.dumps(list(pool.map(attempt, json.load(sys.stdin)))))
