/*
 * The fuzz suite's hands, in four modes:
 *
 *   wire send INTERFACE    reads frames from standard input and sends them as they are; a frame of length 0 is answered
 *                          with one byte when all before it have been handed to the kernel
 *   wire record PORT...    takes UDP packets of both IP versions at these ports and writes each as
 *                          u16 port, u16 source port, 16 bytes of source address, payload;
 *                          sends an empty packet from the last port to itself each second, as the responder does while it lives
 *   wire watch INTERFACE   writes each IP frame that comes in, but for ICMP
 *   wire gro INTERFACE     lets the kernel join what comes in by an interface, as OpenWrt does by default: packets of one
 *                          flow go on as one, which is cut again at the socket
 *
 * Frames and records are preceded by their length, a u16; numbers are big endian. `record` and `watch` write a record of
 * length 0 when they are ready.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, MAX_FRAME = 2048, MAX_DATAGRAM = 65535, MAX_PORTS = 8, ICMP = 1, ICMPV6 = 58, HOP_BY_HOP = 0 };
enum { DISCARD_PORT = 9 << 8 }; /* RFC 863, in network order */
enum { RECEIVE_BUFFER = 64 << 20, SEND_BUFFER = 16 << 20, PREFIX = 2 + 2 + 2 + 16 };

static void fail(const char *what) {
  fprintf(stderr, "wire: %s: %s\n", what, errno ? strerror(errno) : "not understood");
  exit(1);
}

static void write_all(const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(STDOUT_FILENO, bytes, length);
    if (written < 0 && errno != EINTR) exit(0); /* the reader has gone */
    if (written > 0) bytes += written, length -= written;
  }
}

static void put_u16(uint8_t *at, unsigned value) {
  at[0] = value >> 8;
  at[1] = value;
}

static void say_ready(void) {
  static const uint8_t ready[2] = {0, 0};
  write_all(ready, sizeof ready);
}

/* With protocol 0 it takes nothing that comes in. */
static int packet_socket(const char *interface, int protocol) {
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(protocol)};
  address.sll_ifindex = if_nametoindex(interface);
  if (address.sll_ifindex == 0) fail(interface);
  int fd = socket(AF_PACKET, SOCK_RAW, htons(protocol));
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address)) fail("packet socket");
  return fd;
}

static void send_batch(int fd, struct mmsghdr *messages, int count) {
  for (int sent = 0; sent < count;) {
    int taken = sendmmsg(fd, messages + sent, count - sent, 0);
    if (taken > 0) sent += taken;
    else if (errno == EAGAIN || errno == ENOBUFS || errno == EINTR) poll(NULL, 0, 1);
    else fail("sendmmsg");
  }
}

static void run_send(const char *interface) {
  static uint8_t frames[BATCH][MAX_FRAME];
  struct mmsghdr messages[BATCH] = {0};
  struct iovec vectors[BATCH];
  int fd = packet_socket(interface, 0), count = 0, size = SEND_BUFFER;
  if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size)) fail("SO_SNDBUFFORCE");
  uint8_t prefix[2];
  while (fread(prefix, 1, 2, stdin) == 2) {
    size_t length = prefix[0] << 8 | prefix[1];
    if (length > MAX_FRAME) fail("frame");
    if (length > 0) {
      if (fread(frames[count], 1, length, stdin) != length) fail("frame");
      vectors[count] = (struct iovec){frames[count], length};
      messages[count].msg_hdr = (struct msghdr){.msg_iov = &vectors[count], .msg_iovlen = 1};
      count++;
    }
    if (count == BATCH || (length == 0 && count > 0)) {
      send_batch(fd, messages, count);
      count = 0;
    }
    if (length == 0) write_all((const uint8_t *)".", 1);
  }
}

static int datagram_socket(int port) {
  struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
  int fd = socket(AF_INET6, SOCK_DGRAM, 0), size = RECEIVE_BUFFER, no = 0;
  if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no)) fail("socket");
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size)) fail("SO_RCVBUFFORCE");
  if (bind(fd, (struct sockaddr *)&any, sizeof any)) fail("bind");
  return fd;
}

/* Takes what waits at a socket, and writes it in one piece. */
static void record_waiting(int fd, int port) {
  static uint8_t payloads[BATCH][MAX_DATAGRAM];
  static uint8_t out[BATCH * (PREFIX + MAX_DATAGRAM)];
  static struct sockaddr_in6 sources[BATCH];
  struct mmsghdr messages[BATCH] = {0};
  struct iovec vectors[BATCH];
  for (int index = 0; index < BATCH; index++) {
    vectors[index] = (struct iovec){payloads[index], MAX_DATAGRAM - PREFIX};
    messages[index].msg_hdr = (struct msghdr){
        .msg_iov = &vectors[index], .msg_iovlen = 1, .msg_name = &sources[index], .msg_namelen = sizeof sources[index]};
  }
  int received = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
  if (received < 0) {
    if (errno == EAGAIN || errno == EINTR) return;
    fail("recvmmsg");
  }
  uint8_t *at = out;
  for (int index = 0; index < received; index++) {
    unsigned length = messages[index].msg_len;
    put_u16(at, PREFIX - 2 + length);
    put_u16(at + 2, port);
    memcpy(at + 4, &sources[index].sin6_port, 2);
    memcpy(at + 6, &sources[index].sin6_addr, 16);
    memcpy(at + PREFIX, payloads[index], length);
    at += PREFIX + length;
  }
  write_all(out, at - out);
}

static void show_life(int fd) {
  static const struct sockaddr_in6 discard = {.sin6_family = AF_INET6, .sin6_port = DISCARD_PORT, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  static time_t last;
  if (time(NULL) == last) return;
  last = time(NULL);
  sendto(fd, "", 0, 0, (const struct sockaddr *)&discard, sizeof discard);
}

static void run_record(char **ports, int count) {
  struct pollfd polled[MAX_PORTS];
  for (int index = 0; index < count; index++) {
    polled[index] = (struct pollfd){.fd = datagram_socket(atoi(ports[index])), .events = POLLIN};
  }
  show_life(polled[count - 1].fd);
  say_ready();
  for (;;) {
    if (poll(polled, count, 1000) < 0 && errno != EINTR) fail("poll");
    show_life(polled[count - 1].fd);
    for (int index = 0; index < count; index++) {
      if (polled[index].revents) record_waiting(polled[index].fd, atoi(ports[index]));
    }
  }
}

/* Neighbours and routers talk over ICMPv6, MLD behind a hop-by-hop header. */
static int is_data(const uint8_t *frame, size_t length) {
  if (length < 14 + 41) return length >= 14 + 20 && frame[12] == 0x08 && frame[13] == 0x00 && frame[23] != ICMP;
  if (frame[12] == 0x08 && frame[13] == 0x00) return frame[23] != ICMP;
  if (frame[12] != 0x86 || frame[13] != 0xdd) return 0;
  return frame[20] != ICMPV6 && !(frame[20] == HOP_BY_HOP && frame[54] == ICMPV6);
}

static void run_watch(const char *interface) {
  static uint8_t record[2 + MAX_DATAGRAM];
  int fd = packet_socket(interface, ETH_P_ALL), size = RECEIVE_BUFFER;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size)) fail("SO_RCVBUFFORCE");
  say_ready();
  for (;;) {
    struct sockaddr_ll from;
    socklen_t from_length = sizeof from;
    ssize_t length = recvfrom(fd, record + 2, MAX_DATAGRAM, 0, (struct sockaddr *)&from, &from_length);
    if (length < 0 && errno != EINTR) fail("recvfrom");
    if (length <= 0 || from.sll_pkttype == PACKET_OUTGOING || !is_data(record + 2, length)) continue;
    put_u16(record, length);
    write_all(record, 2 + length);
  }
}

static void ethtool(int fd, const char *interface, void *command, const char *what) {
  struct ifreq request = {.ifr_data = command};
  strncpy(request.ifr_name, interface, IFNAMSIZ - 1);
  if (ioctl(fd, SIOCETHTOOL, &request) < 0) fail(what);
}

/* Features have names, and numbers that differ from kernel to kernel. */
static void enable_feature(int fd, const char *interface, const char *name) {
  struct {
    struct ethtool_sset_info info;
    uint32_t count;
  } set = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ULL << ETH_SS_FEATURES}};
  ethtool(fd, interface, &set, "ETHTOOL_GSSET_INFO");
  struct ethtool_gstrings *names = calloc(1, sizeof *names + set.count * ETH_GSTRING_LEN);
  uint32_t words = (set.count + 31) / 32, number = 0;
  struct ethtool_sfeatures *wanted = calloc(1, sizeof *wanted + words * sizeof wanted->features[0]);
  if (!names || !wanted) fail("calloc");
  *names = (struct ethtool_gstrings){.cmd = ETHTOOL_GSTRINGS, .string_set = ETH_SS_FEATURES, .len = set.count};
  ethtool(fd, interface, names, "ETHTOOL_GSTRINGS");
  while (number < set.count && strcmp((const char *)names->data + number * ETH_GSTRING_LEN, name)) number++;
  if (number == set.count) fail(name);
  *wanted = (struct ethtool_sfeatures){.cmd = ETHTOOL_SFEATURES, .size = words};
  wanted->features[number / 32].valid = wanted->features[number / 32].requested = 1u << number % 32;
  ethtool(fd, interface, wanted, name);
}

static void run_gro(const char *interface) {
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0) fail("socket");
  enable_feature(fd, interface, "rx-gro");
  enable_feature(fd, interface, "rx-gro-list");
}

int main(int count, char **arguments) {
  if (count == 3 && !strcmp(arguments[1], "send")) {
    run_send(arguments[2]);
  } else if (count >= 3 && count <= 2 + MAX_PORTS && !strcmp(arguments[1], "record")) {
    run_record(arguments + 2, count - 2);
  } else if (count == 3 && !strcmp(arguments[1], "watch")) {
    run_watch(arguments[2]);
  } else if (count == 3 && !strcmp(arguments[1], "gro")) {
    run_gro(arguments[2]);
  } else {
    fprintf(stderr, "usage: wire send INTERFACE | record PORT... | watch INTERFACE | gro INTERFACE\n");
    return 2;
  }
  return 0;
}
