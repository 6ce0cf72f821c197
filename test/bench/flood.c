/*
 * DNS traffic for the bench, in four modes:
 *
 *   flood sink PORT...                     takes UDP packets on these ports and never reads them, until killed
 *   flood send ADDRESS FILE COUNT          sends COUNT queries as fast as the kernel takes them
 *   flood ask ADDRESS FILE SECONDS WINDOW  keeps WINDOW queries under way and counts the answers
 *   flood blocked ADDRESS FILE SECONDS     asks for the first name until it is blocked: NXDOMAIN, or the address 0.0.0.0
 *
 * FILE has one name a line. Queries are of type A; a third each has no OPT record, an empty one, and one with a client
 * cookie (RFC 6891, RFC 7873). All but `sink` print one line of JSON with times in nanoseconds; `cpu` is this process's
 * own, to which the kernel adds the softirq work that the packets cause on its core (without CONFIG_IRQ_TIME_ACCOUNTING).
 * `p50` and `p99` are from a query's sending to its answer; `at` is when the name was blocked, on CLOCK_MONOTONIC.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_QUERIES = 4096, MAX_QUERY = 512, BATCH = 64, MAX_WINDOW = 1024, MAX_ANSWER = 1500, MAX_LATENCIES = 1 << 18 };
enum { NXDOMAIN = 3 };
enum { HEADER = 12, FLAGS = 2, QUERY_COUNT = 4, ANSWER_COUNT = 6, ADDITIONAL_COUNT = 10 };

struct query {
  uint8_t bytes[MAX_QUERY];
  size_t length;
};

static struct query queries[MAX_QUERIES];
static int query_count;

static void fail(const char *what) {
  fprintf(stderr, "flood: %s: %s\n", what, errno ? strerror(errno) : "not understood");
  exit(1);
}

static int64_t nanoseconds(clockid_t clock) {
  struct timespec time;
  if (clock_gettime(clock, &time)) fail("clock_gettime");
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static uint8_t *put(uint8_t *at, const void *bytes, size_t length) {
  memcpy(at, bytes, length);
  return at + length;
}

/* RFC 1035 section 4.1; the id is 0. */
static void make_query(struct query *query, const char *name, int kind) {
  static const uint8_t empty_opt[] = {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0};
  static const uint8_t cookie_opt[] = {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 12, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
  static const uint8_t type_and_class[] = {0, 1, 0, 1};
  size_t length = strlen(name);
  if (length == 0 || length > 253) fail(name);
  uint8_t *at = query->bytes + HEADER;
  query->bytes[FLAGS] = 1; /* RD */
  query->bytes[QUERY_COUNT + 1] = 1;
  for (const char *label = name; *label;) {
    size_t size = strcspn(label, ".");
    if (size == 0 || size > 63) fail(name);
    *at++ = size;
    at = put(at, label, size);
    label += size + (label[size] == '.');
  }
  *at++ = 0;
  at = put(at, type_and_class, sizeof type_and_class);
  if (kind == 1) at = put(at, empty_opt, sizeof empty_opt);
  if (kind == 2) at = put(at, cookie_opt, sizeof cookie_opt);
  query->bytes[ADDITIONAL_COUNT + 1] = kind != 0;
  query->length = at - query->bytes;
}

static void read_queries(const char *path) {
  char name[256];
  FILE *file = fopen(path, "r");
  if (!file) fail(path);
  while (query_count < MAX_QUERIES && fscanf(file, "%255s", name) == 1) {
    make_query(&queries[query_count], name, query_count % 3);
    query_count++;
  }
  fclose(file);
  if (query_count == 0) fail(path);
}

static int connected_socket(const char *address) {
  int ipv6 = strchr(address, ':') != NULL;
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(53)};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(53)};
  if (inet_pton(ipv6 ? AF_INET6 : AF_INET, address, ipv6 ? (void *)&v6.sin6_addr : (void *)&v4.sin_addr) != 1) fail(address);
  int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
  if (fd < 0) fail("socket");
  if (connect(fd, ipv6 ? (struct sockaddr *)&v6 : (struct sockaddr *)&v4, ipv6 ? sizeof v6 : sizeof v4)) fail("connect");
  return fd;
}

/* The socket may be full for a moment. */
static void send_batch(int fd, struct mmsghdr *messages, int count) {
  for (int sent = 0; sent < count;) {
    int taken = sendmmsg(fd, messages + sent, count - sent, 0);
    if (taken < 0 && errno != EAGAIN && errno != ENOBUFS && errno != EINTR) fail("sendmmsg");
    if (taken > 0) sent += taken;
  }
}

static void send_queries(int fd, int count) {
  struct mmsghdr messages[BATCH] = {0};
  struct iovec vectors[BATCH];
  for (int done = 0; done < count;) {
    int size = count - done < BATCH ? count - done : BATCH;
    for (int index = 0; index < size; index++) {
      struct query *query = &queries[(done + index) % query_count];
      vectors[index] = (struct iovec){query->bytes, query->length};
      messages[index].msg_hdr = (struct msghdr){.msg_iov = &vectors[index], .msg_iovlen = 1};
    }
    send_batch(fd, messages, size);
    done += size;
  }
}

static void run_send(const char *address, int count) {
  int fd = connected_socket(address);
  send_queries(fd, query_count); /* warm caches, and the one connection-tracking entry */
  int64_t wall = nanoseconds(CLOCK_MONOTONIC), cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
  send_queries(fd, count);
  cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  wall = nanoseconds(CLOCK_MONOTONIC) - wall;
  printf("{\"sent\":%d,\"warmUp\":%d,\"wall\":%lld,\"cpu\":%lld}\n", count, query_count, (long long)wall, (long long)cpu);
}

static int64_t sent_at[MAX_WINDOW];
static int64_t latencies[MAX_LATENCIES];
static int latency_count;

static int in_order(const void *one, const void *other) {
  int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;
  return (a > b) - (a < b);
}

/* The nearest rank; latencies are in order. */
static long long percentile(int percent) {
  return latency_count ? latencies[(latency_count * (long long)percent + 99) / 100 - 1] : 0;
}

/* One query under way for each slot; the slot's number is the query's id. */
static void ask_next(int fd, const uint16_t *slots, int count) {
  static int next;
  static struct query asked[BATCH];
  struct mmsghdr messages[BATCH] = {0};
  struct iovec vectors[BATCH];
  for (int index = 0; index < count; index++) {
    const struct query *query = &queries[next++ % query_count];
    memcpy(asked[index].bytes, query->bytes, query->length);
    asked[index].bytes[0] = slots[index] >> 8;
    asked[index].bytes[1] = slots[index];
    vectors[index] = (struct iovec){asked[index].bytes, query->length};
    messages[index].msg_hdr = (struct msghdr){.msg_iov = &vectors[index], .msg_iovlen = 1};
  }
  int64_t now = nanoseconds(CLOCK_MONOTONIC);
  for (int index = 0; index < count; index++) sent_at[slots[index]] = now;
  send_batch(fd, messages, count);
}

static void ask_all(int fd, int window) {
  uint16_t slots[BATCH];
  for (int slot = 0; slot < window;) {
    int count = 0;
    while (count < BATCH && slot < window) slots[count++] = slot++;
    ask_next(fd, slots, count);
  }
}

static void run_ask(const char *address, double seconds, int window) {
  static uint8_t buffers[BATCH][MAX_ANSWER];
  struct mmsghdr messages[BATCH] = {0};
  struct iovec vectors[BATCH];
  uint16_t slots[BATCH];
  long long answered = 0, negative = 0, stalls = 0;
  int fd = connected_socket(address);
  struct timeval patience = {.tv_usec = 200000};
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience)) fail("SO_RCVTIMEO");
  for (int index = 0; index < BATCH; index++) {
    vectors[index] = (struct iovec){buffers[index], MAX_ANSWER};
    messages[index].msg_hdr = (struct msghdr){.msg_iov = &vectors[index], .msg_iovlen = 1};
  }
  ask_all(fd, window);
  int64_t wall = nanoseconds(CLOCK_MONOTONIC), cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID);
  int64_t end = wall + (int64_t)(seconds * 1e9), now = wall;
  for (; now < end; now = nanoseconds(CLOCK_MONOTONIC)) {
    int received = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);
    if (received < 0) {
      if (errno != EAGAIN && errno != EINTR && errno != ECONNREFUSED) fail("recvmmsg");
      stalls++; /* what was under way is lost */
      ask_all(fd, window);
      continue;
    }
    int count = 0;
    int64_t received_at = nanoseconds(CLOCK_MONOTONIC);
    for (int index = 0; index < received; index++) {
      const uint8_t *answer = buffers[index];
      if (messages[index].msg_len < HEADER) continue;
      int has_answers = answer[ANSWER_COUNT] | answer[ANSWER_COUNT + 1];
      if (has_answers && (answer[3] & 15) == 0) answered++;
      else negative++;
      int slot = answer[0] << 8 | answer[1];
      if (slot >= window) fail("an answer to nothing");
      if (latency_count < MAX_LATENCIES) latencies[latency_count++] = received_at - sent_at[slot];
      slots[count++] = slot;
    }
    ask_next(fd, slots, count);
  }
  cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  qsort(latencies, latency_count, sizeof latencies[0], in_order);
  printf("{\"answered\":%lld,\"negative\":%lld,\"stalls\":%lld,\"wall\":%lld,\"cpu\":%lld,\"p50\":%lld,\"p99\":%lld}\n",
         answered, negative, stalls, (long long)(now - wall), (long long)cpu, percentile(50), percentile(99));
}

static int is_blocked(const uint8_t *answer, ssize_t length) {
  static const uint8_t unspecified[4];
  if (length < HEADER) return 0;
  int rcode = answer[3] & 15, answers = answer[ANSWER_COUNT] << 8 | answer[ANSWER_COUNT + 1];
  /* The first query has no OPT, so that the address is what an answer ends with. */
  return rcode == NXDOMAIN || (rcode == 0 && answers == 1 && !memcmp(answer + length - 4, unspecified, 4));
}

/* The server may not be there yet. */
static void run_blocked(const char *address, double seconds) {
  uint8_t answer[MAX_ANSWER];
  int fd = connected_socket(address);
  struct timeval patience = {.tv_usec = 10000};
  if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience)) fail("SO_RCVTIMEO");
  int64_t end = nanoseconds(CLOCK_MONOTONIC) + (int64_t)(seconds * 1e9);
  while (nanoseconds(CLOCK_MONOTONIC) < end) {
    ssize_t length = -1;
    if (send(fd, queries[0].bytes, queries[0].length, 0) > 0) length = recv(fd, answer, sizeof answer, 0);
    int64_t now = nanoseconds(CLOCK_MONOTONIC);
    if (is_blocked(answer, length)) {
      printf("{\"at\":%lld}\n", (long long)now);
      return;
    }
    usleep(2000);
  }
  errno = ETIMEDOUT;
  fail(address);
}

/* A socket whose buffer is full costs the kernel the whole way to it, and nobody reads. */
static void run_sink(char **ports, int count) {
  for (int index = 0; index < count; index++) {
    struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons(atoi(ports[index]))};
    int size = 2048, fd = socket(AF_INET6, SOCK_DGRAM, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size)) fail("socket");
    if (bind(fd, (struct sockaddr *)&any, sizeof any)) fail("bind");
  }
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}

int main(int count, char **arguments) {
  if (count >= 3 && !strcmp(arguments[1], "sink")) {
    run_sink(arguments + 2, count - 2);
  } else if (count == 5 && !strcmp(arguments[1], "send")) {
    read_queries(arguments[3]);
    run_send(arguments[2], atoi(arguments[4]));
  } else if (count == 6 && !strcmp(arguments[1], "ask") && atoi(arguments[5]) > 0 && atoi(arguments[5]) <= MAX_WINDOW) {
    read_queries(arguments[3]);
    run_ask(arguments[2], atof(arguments[4]), atoi(arguments[5]));
  } else if (count == 5 && !strcmp(arguments[1], "blocked")) {
    read_queries(arguments[3]);
    run_blocked(arguments[2], atof(arguments[4]));
  } else {
    fprintf(stderr, "usage: flood sink PORT... | send ADDRESS FILE COUNT | ask ADDRESS FILE SECONDS WINDOW |\n"
                    "       blocked ADDRESS FILE SECONDS\n");
    return 2;
  }
  return 0;
}
