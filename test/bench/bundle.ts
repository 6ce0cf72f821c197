import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);

/**
 * Bundles a program of the bench into one file in `folder`, as the daemon is bundled, and returns its path: what makes
 * TypeScript run where it is would count as the program's memory.
 */
export async function bundle(program: URL, folder: string): Promise<string> {
  const path = join(folder, 'program.mjs');
  await build({
    entryPoints: [fileURLToPath(program)],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'warning',
    // What is CommonJS in the bundle asks for Node's modules by `require`.
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(import.meta.url)});`,
    },
    plugins: [
      {
        name: 'native modules where they are',
        setup(plugin) {
          plugin.onResolve({ filter: /^(netlink|classic-level)(\/|$)/ }, ({ path: name }) => ({
            path: require.resolve(name),
            external: true,
          }));
        },
      },
    ],
  });
  return path;
}
