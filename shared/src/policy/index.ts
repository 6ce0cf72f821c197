export * from './access.ts';
export * from './age-band.ts';
export * from './decision.ts';
export * from './policy.ts';
export * from './preset.ts';
export * from './schedule.ts';
export * from './zone.ts';
