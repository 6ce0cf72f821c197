"""Echoes every UDP datagram and TCP stream on a port, and prints the number of each IP protocol that comes by an interface.

anything.py PORT INTERFACE
"""
import socket
import sys
import threading

port, interface = int(sys.argv[1]), sys.argv[2]


def datagrams():
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.bind(("::", port))
    while True:
        data, sender = s.recvfrom(65535)
        s.sendto(data, sender)


def stream(client):
    try:
        while data := client.recv(4096):
            client.sendall(data)
    except OSError:
        pass
    client.close()


def streams():
    s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("::", port))
    s.listen(64)
    print("ready", flush=True)
    while True:
        threading.Thread(target=stream, args=[s.accept()[0]], daemon=True).start()


def protocols():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((interface, 0))
    while True:
        frame = s.recv(65535)
        if frame[12:14] == b"\x08\x00":
            print(f"protocol {frame[23]} of {len(frame)}", flush=True)
        elif frame[12:14] == b"\x86\xdd":
            print(f"protocol {frame[20]} of {len(frame)}", flush=True)


for each in (datagrams, protocols):
    threading.Thread(target=each, daemon=True).start()
streams()
