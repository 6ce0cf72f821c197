export * from './document.ts';
export * from './signing.ts';
