export * from './importance.ts';
export * from './list-document.ts';
export * from './table-format.ts';
