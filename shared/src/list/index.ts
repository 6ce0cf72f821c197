export * from './importance.ts';
export * from './list-document.ts';
