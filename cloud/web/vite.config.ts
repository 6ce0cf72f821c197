import preact from '@preact/preset-vite';
import { defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';

/** Where `npm run dev` finds the cloud: its HTTP address. */
const cloud = process.env.KHIEN_CLOUD ?? 'http://127.0.0.1:8080';

/** The DNS names of services are for the router, and are most of the catalogue: the browser does without them. */
const catalogueForBrowser: Plugin = {
  name: 'khien-catalogue',
  enforce: 'pre',
  transform: {
    filter: { id: /\/shared\/src\/catalogue\/services\/[a-z-]+\.json$/ },
    handler: (json) =>
      JSON.stringify(
        JSON.parse(json, (key, value) => (['names', 'needs', 'sources'].includes(key) ? undefined : value)),
      ),
  },
};

/**
 * The contract's modules declare their schemas beside their functions. To call zod for a schema that nobody uses has no
 * effect, which the bundler cannot know; told so, it leaves out the schemas and zod with them.
 */
const contractWithoutSchemas: Plugin = {
  name: 'khien-contract',
  transform: {
    filter: { id: /\/shared\/src\/.*\.ts$/, code: 'zod/mini' },
    handler: (code) => code.replace(/\bz\s*\.(?=\w+\()/g, '/* @__PURE__ */ z.'),
  },
  generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      const found = chunk.type === 'chunk' && chunk.moduleIds.find((id) => id.includes('/node_modules/zod/'));
      if (found) this.error(`${chunk.fileName} has a schema library in it: ${found}`);
    }
  },
};

export default defineConfig({
  plugins: [
    catalogueForBrowser,
    contractWithoutSchemas,
    preact({ devToolsEnabled: false, prefreshEnabled: true }),
    VitePWA({
      registerType: 'autoUpdate',
      // The page registers the worker itself: an injected script would be inline, which the CSP forbids.
      injectRegister: null,
      includeAssets: ['icon.svg', 'apple-touch-icon.png'],
      workbox: {
        // Shows what is pushed: `src/worker`.
        importScripts: ['/push.js'],
        globIgnores: ['push.js'],
        globPatterns: ['**/*.{html,js,css,svg,png,webmanifest}'],
        navigateFallback: '/index.html',
        navigateFallbackDenylist: [/^\/api\//],
        cleanupOutdatedCaches: true,
        clientsClaim: true,
        skipWaiting: true,
        sourcemap: false,
      },
      manifest: {
        id: '/',
        name: 'Khiên',
        short_name: 'Khiên',
        description: 'Bảo vệ trẻ em trên mạng từ router của nhà',
        lang: 'vi',
        start_url: '/',
        scope: '/',
        display: 'standalone',
        orientation: 'portrait-primary',
        background_color: '#f4f6f3',
        theme_color: '#f4f6f3',
        categories: ['parenting', 'security'],
        icons: [
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' },
        ],
      },
    }),
  ],
  build: {
    target: 'es2022',
    // The manifest is fetched by name and every asset stays a file: nothing inline for the CSP to refuse.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: 'index.html', push: 'src/worker/main.ts' },
      output: {
        // The service worker imports it by name; what it is in is a classic script, so it shares nothing with the page.
        entryFileNames: ({ name }) => (name === 'push' ? 'push.js' : 'assets/[name]-[hash].js'),
      },
      treeshake: {
        // An index that hands on a whole folder keeps only what is asked of it.
        moduleSideEffects: (id) => !id.includes('/shared/src/'),
      },
    },
  },
  server: { proxy: { '/api': { target: cloud, changeOrigin: true } } },
});
