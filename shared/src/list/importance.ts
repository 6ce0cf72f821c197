/**
 * Categories in the order in which a router without room for all names gives them room: what harms a child most first,
 * what is huge and only annoys last. The `lists` document says it anew with every table.
 */
export const categoryImportance: readonly string[] = [
  'adult',
  'self-harm',
  'violence',
  'drugs',
  'gambling',
  'bypass',
  'malware-scam',
  'dating',
  'social',
  'video',
  'games',
  'messaging',
  'ai-chat',
  'music',
  'shopping',
  'ads-tracking',
];
