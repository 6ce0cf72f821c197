// Bundles the cloud into cloud/dist/khien-cloud.mjs, which Node runs without a compiler. Packages beside it stay what has
// native code, better-sqlite3 and argon2, and the list of vendors of network cards, which is read as a file.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
const outfile = join(here, 'dist', 'khien-cloud.mjs');

await build({
  entryPoints: [join(here, 'src', 'main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  keepNames: true,
  sourcemap: true,
  legalComments: 'none',
  external: ['better-sqlite3', '@node-rs/argon2', 'oui-data', 'pg-native'],
  define: { KHIEN_VERSION: JSON.stringify(version) },
  // Packages in CommonJS ask for what Node has by `require`, which a module does not know.
  banner: {
    js: [
      '#!/usr/bin/env node',
      "import { createRequire as __createRequire } from 'node:module';",
      'const require = __createRequire(import.meta.url);',
    ].join('\n'),
  },
  logLevel: 'warning',
});
console.log(`cloud/dist/khien-cloud.mjs: ${(statSync(outfile).size / 1024).toFixed(0)} kB`);
