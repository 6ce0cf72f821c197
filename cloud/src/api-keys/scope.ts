/** read: what the family sees. care: also what its carers change. */
export const keyScopes = ['read', 'care'] as const;
export type KeyScope = (typeof keyScopes)[number];
