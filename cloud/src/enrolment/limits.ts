/*
 * A claim code has 35 random bits and lives for half an hour; at most 20,000 are open at once. Whoever guesses one gets a
 * stranger's router, so guessing must be slow. Over PostgreSQL the limit by account is one for all nodes and outlives them:
 * a hundred accounts, behind however many addresses, need forty years for one hit while a hundred routers wait (1,000 tries
 * an hour, 100 in 2^35 each). Those by address are each node's, in its memory, and forgotten at its restart: who makes new
 * accounts as they go is held to 30 tries an hour by each address and node, so that a hundred addresses at three nodes need
 * four years (9,000 tries an hour). With the embedded database all of them are in the memory of its one node.
 */

/** `POST …/routers` (entering a claim code), by account: a person mistypes a few times, the check digit tells them so. */
export const CLAIMS_PER_ACCOUNT = { max: 10, timeWindow: 3_600_000 } as const;

/** The same, by address: a family, or a shop that sets up routers for its customers. */
export const CLAIMS_PER_ADDRESS = { max: 30, timeWindow: 3_600_000 } as const;

/** `POST /api/v1/enrolment`, by address: several homes may share one (RFC 6598). */
export const ENROLMENTS_PER_ADDRESS = { max: 20, timeWindow: 60_000 } as const;

/** `POST /api/v1/enrolment/token`, by address: each router that waits asks every five seconds. */
export const POLLS_PER_ADDRESS = { max: 240, timeWindow: 60_000 } as const;

/** `POST /api/v1/enrolment/renewal`, by address: each router once in some months, or a street of them after an outage. */
export const RENEWALS_PER_ADDRESS = { max: 60, timeWindow: 60_000 } as const;
