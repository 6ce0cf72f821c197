import { defineConfig } from 'vitest/config';

/** Loading the code anew for each file would take a third of the time; no test replaces a module or leaves a global behind. */
const isolate = false;

// Five suites, one run: `unit` needs Node only; `cloud-postgres` is the cloud's part of it over PostgreSQL; `nodes` starts whole
// clouds; `kernel` and `e2e` need root, and run one file at a time because each owns the whole kernel state of the namespace
// that `make test` starts them in.
export default defineConfig({
  test: {
    reporters: ['default', './test/totals.ts'],
    projects: [
      {
        test: {
          isolate,
          name: 'unit',
          sequence: { groupOrder: 0 },
          include: ['{shared,daemon,cloud}/**/*.test.{ts,tsx}', 'test/{home,bench,fuzz}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', '**/*.postgres.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          isolate,
          name: 'cloud-postgres',
          sequence: { groupOrder: 0 },
          include: ['cloud/src/**/*.test.ts'],
          // Of the command line nothing is of the engine.
          exclude: ['cloud/src/**/*.sqlite.test.ts', 'cloud/src/main.test.ts'],
          globalSetup: ['cloud/src/store/postgres.global.ts'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          isolate,
          name: 'kernel',
          sequence: { groupOrder: 1 },
          include: ['test/kernel/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          isolate,
          name: 'nodes',
          sequence: { groupOrder: 1 },
          include: ['test/nodes/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          isolate,
          name: 'e2e',
          sequence: { groupOrder: 2 },
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
