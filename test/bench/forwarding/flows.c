/*
 * Traffic through a router for the bench, in three modes:
 *
 *   flows serve ADDRESS PORT               a TCP server that sends without end to who connects at PORT, and takes all that
 *                                          comes at PORT + 1; and a UDP echo at PORT; until killed
 *   flows tcp ADDRESS PORT SECONDS         a download and an upload at once
 *   flows udp ADDRESS PORT SECONDS SIZE    echoes of packets with SIZE bytes of IPv4, many flows, some packets of each under way
 *
 * The last two print one line of JSON with nanoseconds; `cpu` is this process's own, with the softirq work on its core.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 1 << 17, MAX_CLIENTS = 64, FLOWS = 16, EACH = 4, HEADERS = 28, MAX_SIZE = 1400 };

static char chunk[CHUNK];

static void fail(const char *what) {
  fprintf(stderr, "flows: %s: %s\n", what, errno ? strerror(errno) : "not understood");
  exit(1);
}

static int64_t nanoseconds(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time)) fail("clock_gettime");
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int64_t now(void) { return nanoseconds(CLOCK_MONOTONIC); }

static int64_t own_time(void) { return nanoseconds(CLOCK_PROCESS_CPUTIME_ID); }

static void print(long long count, int64_t start, int64_t cpu, long long lost) {
  printf("{\"count\":%lld,\"wall\":%lld,\"cpu\":%lld,\"lost\":%lld}\n", count, (long long)(now() - start),
         (long long)(own_time() - cpu), lost);
}

static struct sockaddr_in address_of(const char *text, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  if (inet_pton(AF_INET, text, &address.sin_addr) != 1) fail(text);
  return address;
}

static int bound(const char *text, int port, int type) {
  struct sockaddr_in address = address_of(text, port);
  int on = 1, fd = socket(AF_INET, type, 0);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)) fail("socket");
  if (bind(fd, (struct sockaddr *)&address, sizeof address)) fail("bind");
  if (type & SOCK_STREAM && listen(fd, MAX_CLIENTS)) fail("listen");
  return fd;
}

static int connected(const char *text, int port, int type) {
  struct sockaddr_in address = address_of(text, port);
  int fd = socket(AF_INET, type, 0);
  if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
  return fd;
}

/* Sends all that waits at the socket back, a batch at a time. */
static void echo(int fd) {
  static char buffers[FLOWS * EACH][MAX_SIZE];
  static struct sockaddr_in from[FLOWS * EACH];
  struct mmsghdr messages[FLOWS * EACH];
  struct iovec vectors[FLOWS * EACH];
  for (int index = 0; index < FLOWS * EACH; index++) {
    vectors[index] = (struct iovec){buffers[index], MAX_SIZE};
    messages[index].msg_hdr = (struct msghdr){
        .msg_iov = &vectors[index], .msg_iovlen = 1, .msg_name = &from[index], .msg_namelen = sizeof from[index]};
  }
  int received = recvmmsg(fd, messages, FLOWS * EACH, MSG_DONTWAIT, NULL);
  for (int index = 0; index < received; index++) vectors[index].iov_len = messages[index].msg_len;
  for (int sent = 0; sent < received;) {
    int taken = sendmmsg(fd, messages + sent, received - sent, 0);
    if (taken > 0) sent += taken;
    else if (errno != EINTR && errno != ENOBUFS) return; /* the client has gone */
  }
}

/* The download's clients are written to while they read, those of the upload read. */
static int serve_stream(struct pollfd *client) {
  ssize_t moved = client->events == POLLOUT ? send(client->fd, chunk, CHUNK, MSG_NOSIGNAL) : recv(client->fd, chunk, CHUNK, 0);
  return moved > 0 || (moved < 0 && (errno == EAGAIN || errno == EINTR));
}

static void run_serve(const char *address, int port) {
  struct pollfd files[MAX_CLIENTS] = {
      {.fd = bound(address, port, SOCK_STREAM), .events = POLLIN},
      {.fd = bound(address, port + 1, SOCK_STREAM), .events = POLLIN},
      {.fd = bound(address, port, SOCK_DGRAM), .events = POLLIN},
  };
  int count = 3;
  puts("ready");
  fflush(stdout);
  for (;;) {
    if (poll(files, count, -1) < 0 && errno != EINTR) fail("poll");
    if (files[2].revents) echo(files[2].fd);
    for (int index = count - 1; index > 2; index--) {
      if (!files[index].revents || serve_stream(&files[index])) continue;
      close(files[index].fd);
      files[index] = files[--count];
    }
    for (int listener = 0; listener < 2; listener++) {
      if (!files[listener].revents || count == MAX_CLIENTS) continue;
      int fd = accept4(files[listener].fd, NULL, NULL, SOCK_NONBLOCK);
      if (fd >= 0) files[count++] = (struct pollfd){.fd = fd, .events = listener == 0 ? POLLOUT : POLLIN};
    }
  }
}

/* Until `end`; returns the bytes that were moved either way. The first are not counted: connections begin slowly. */
static long long move(struct pollfd *streams, int64_t end) {
  long long moved = 0;
  while (now() < end) {
    if (poll(streams, 2, 100) < 0 && errno != EINTR) fail("poll");
    ssize_t down = streams[0].revents ? recv(streams[0].fd, chunk, CHUNK, MSG_DONTWAIT) : 0;
    ssize_t up = streams[1].revents ? send(streams[1].fd, chunk, CHUNK, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;
    if (down < 0 && errno != EAGAIN) fail("download");
    if (up < 0 && errno != EAGAIN) fail("upload");
    moved += (down > 0 ? down : 0) + (up > 0 ? up : 0);
  }
  return moved;
}

static void run_tcp(const char *address, int port, double seconds) {
  struct pollfd streams[] = {
      {.fd = connected(address, port, SOCK_STREAM), .events = POLLIN},
      {.fd = connected(address, port + 1, SOCK_STREAM), .events = POLLOUT},
  };
  move(streams, now() + 50000000);
  int64_t start = now(), cpu = own_time();
  long long bytes = move(streams, start + (int64_t)(seconds * 1e9));
  print(bytes, start, cpu, 0);
}

/* Sends EACH packets of a flow. */
static void send_some(int fd, int length) {
  struct mmsghdr messages[EACH] = {0};
  struct iovec vector = {chunk, length};
  for (int index = 0; index < EACH; index++) messages[index].msg_hdr = (struct msghdr){.msg_iov = &vector, .msg_iovlen = 1};
  for (int sent = 0; sent < EACH;) {
    int taken = sendmmsg(fd, messages + sent, EACH - sent, 0);
    if (taken < 0 && errno != ENOBUFS && errno != EINTR) fail("sendmmsg");
    if (taken > 0) sent += taken;
  }
}

/* Takes the echoes of those packets; how many did not come in time. */
static int take_some(int fd) {
  for (int index = 0; index < EACH; index++) {
    if (recv(fd, chunk, CHUNK, 0) >= 0) continue;
    if (errno != EAGAIN) fail("recv");
    return EACH - index;
  }
  return 0;
}

static void run_udp(const char *address, int port, double seconds, int length) {
  int flows[FLOWS];
  struct timeval patience = {.tv_usec = 300000};
  for (int index = 0; index < FLOWS; index++) {
    flows[index] = connected(address, port, SOCK_DGRAM);
    if (setsockopt(flows[index], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience)) fail("SO_RCVTIMEO");
    /* Connection tracking knows the flow as one with answers from then on. */
    send_some(flows[index], length);
    if (take_some(flows[index])) fail("no echo");
  }
  long long echoes = 0, lost = 0;
  int64_t start = now(), cpu = own_time(), end = start + (int64_t)(seconds * 1e9);
  for (int index = 0; index < FLOWS; index++) send_some(flows[index], length);
  while (now() < end) {
    for (int index = 0; index < FLOWS; index++) {
      int missing = take_some(flows[index]);
      lost += missing;
      echoes += EACH - missing;
      send_some(flows[index], length);
    }
  }
  print(echoes, start, cpu, lost);
}

int main(int count, char **arguments) {
  if (count == 4 && !strcmp(arguments[1], "serve")) {
    run_serve(arguments[2], atoi(arguments[3]));
  } else if (count == 5 && !strcmp(arguments[1], "tcp")) {
    run_tcp(arguments[2], atoi(arguments[3]), atof(arguments[4]));
  } else if (count == 6 && !strcmp(arguments[1], "udp") && atoi(arguments[5]) > HEADERS && atoi(arguments[5]) <= MAX_SIZE) {
    run_udp(arguments[2], atoi(arguments[3]), atof(arguments[4]), atoi(arguments[5]) - HEADERS);
  } else {
    fprintf(stderr, "usage: flows serve ADDRESS PORT | tcp ADDRESS PORT SECONDS | udp ADDRESS PORT SECONDS SIZE\n");
    return 2;
  }
  return 0;
}
