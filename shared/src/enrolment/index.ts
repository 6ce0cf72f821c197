export * from './claim-code.ts';
export * from './enrolment.ts';
