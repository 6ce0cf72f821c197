// Bundles khiend into daemon/dist: one JavaScript file, one more for the process that downloads lists, two native modules for
// one target, the starter list.
// Usage: node --import tsx daemon/build.mjs [--target=x64-glibc|x64-musl|arm64-glibc|arm64-musl|arm-glibc|arm-musl]
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { compileStarter } from './src/lists/compile-starter.ts';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const require = createRequire(import.meta.url);
const host = `${process.arch}-${existsSync('/etc/alpine-release') || existsSync('/etc/openwrt_release') ? 'musl' : 'glibc'}`;
const target = process.argv.find((argument) => argument.startsWith('--target='))?.slice(9) ?? host;

/** Where an npm package with native code lives, and which of its prebuilt modules fits the target. */
function nativeModule(name) {
  const folder = dirname(require.resolve(`${name}/package.json`));
  const [arch, libc] = target.split('-');
  const prebuilds = join(folder, 'prebuilds', `linux-${arch}`);
  // As node-gyp-build names them: by libc or ARM version where there are several, plain where one fits all.
  const tags = [`${libc}.node`, 'armv8.node', 'armv7.node', 'node'];
  const candidates = tags.flatMap((tag) => [`${name}.${tag}`, `node.napi.${tag}`]);
  const file = candidates.map((candidate) => join(prebuilds, candidate)).find((path) => existsSync(path));
  if (file === undefined) throw new Error(`${name} has no prebuilt module for ${target} in ${prebuilds}`);
  return { folder, file };
}

// Both packages find their native module by walking folders that a bundle does not have: point them beside the bundle.
const natives = ['netlink', 'classic-level'];
const besideTheBundle = {
  name: 'native-modules-beside-the-bundle',
  setup(plugin) {
    plugin.onLoad({ filter: /(netlink\/dist\/raw|classic-level\/binding)\.js$/ }, ({ path }) => {
      const name = natives.find((candidate) => path.includes(`/${candidate}/`));
      const source = readFileSync(path, 'utf8');
      const contents = source.replace(/require\('node-gyp-build'\)\([^)]*\)/, `require('./${name}.node')`);
      if (contents === source)
        throw new Error(`${path} loads its native module in a way this build does not know`);
      return { contents, loader: 'js' };
    });
    plugin.onResolve({ filter: /^\.\/(netlink|classic-level)\.node$/ }, ({ path }) => ({
      path,
      external: true,
    }));
  },
};

// What mqtt.js has for other places than a router: streams that Node has itself, timers for browser tabs in the
// background, WebSockets and SOCKS. None of it runs here; it would be half of the bundle.
const elsewhere = {
  name: 'what-runs-elsewhere',
  setup(plugin) {
    plugin.onResolve({ filter: /^readable-stream$/ }, () => ({ path: 'node:stream', external: true }));
    plugin.onResolve({ filter: /^(worker-timers|ws|socks)$/ }, ({ path }) => ({ path, namespace: 'empty' }));
    plugin.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'module.exports = {}' }));
  },
};

mkdirSync(dist, { recursive: true });
const starter = await compileStarter(join(dist, 'starter.khl'));
for (const name of natives) cpSync(nativeModule(name).file, join(dist, `${name}.node`));

const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
const bundle = (entry, file) =>
  build({
    entryPoints: [join(here, entry)],
    outfile: join(dist, file),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    banner: { js: '#!/usr/bin/env node' },
    define: { KHIEN_VERSION: JSON.stringify(version) },
    plugins: [besideTheBundle, elsewhere],
    logLevel: 'warning',
  });
await bundle('src/cli.ts', 'khiend.cjs');
await bundle('src/lists/download/download-process.ts', 'list-download.cjs');

const kilobytes = (statSync(join(dist, 'khiend.cjs')).size / 1024).toFixed(0);
console.log(
  `daemon/dist/khiend.cjs: ${kilobytes} kB for ${target}; ${starter.entries} names in the starter list`,
);
