import type { Tables } from '../store/tables.ts';

/** How the rows of a household are found in a table, and what of them is for its people. */
export interface ExportedTable {
  readonly table: keyof Tables;
  /** By what its rows are ordered and told apart within the household. */
  readonly key: readonly string[];
  /** The column that leads to the household: directly, or by its router. */
  readonly by: 'id' | 'household' | 'router';
  /** JSON texts, which are unpacked. */
  readonly json?: readonly string[];
  /** What opens something, or means nothing outside. */
  readonly omit?: readonly string[];
}

/** In the order of the file. `household-data.test.ts` sees that no table of a household is forgotten. */
export const exportedTables: readonly ExportedTable[] = [
  { table: 'household', key: ['id'], by: 'id' },
  { table: 'member', key: ['account'], by: 'household' },
  { table: 'invitation', key: ['id'], by: 'household', omit: ['token_hash'] },
  { table: 'api_key', key: ['id'], by: 'household', json: ['scopes'], omit: ['token_hash'] },
  { table: 'webhook', key: ['id'], by: 'household', json: ['kinds'], omit: ['secret'] },
  { table: 'consent', key: ['id'], by: 'household', json: ['scope'] },
  { table: 'audit', key: ['id'], by: 'household', omit: ['once'] },
  { table: 'router', key: ['id'], by: 'household', json: ['lists_left_out'], omit: ['connection'] },
  { table: 'document', key: ['router', 'kind'], by: 'router', json: ['signed'] },
  { table: 'profile', key: ['id'], by: 'household', json: ['rules', 'pause', 'extra_time', 'learning'] },
  { table: 'device', key: ['id'], by: 'household', json: ['addresses', 'pause'] },
  { table: 'device_mac', key: ['mac'], by: 'household' },
  { table: 'proposal', key: ['id'], by: 'household', json: ['evidence'] },
  { table: 'alert', key: ['id'], by: 'household', json: ['evidence'] },
  { table: 'holiday', key: ['id'], by: 'household' },
  { table: 'bonus', key: ['id'], by: 'household' },
  { table: 'usage', key: ['profile', 'day', 'target_kind', 'target_id'], by: 'household' },
  { table: 'request', key: ['id'], by: 'household' },
  { table: 'burst', key: ['id'], by: 'household' },
  { table: 'weekly', key: ['week'], by: 'household', json: ['body'] },
  { table: 'weekly_child', key: ['week', 'profile'], by: 'household', json: ['body'] },
  { table: 'notification', key: ['id'], by: 'household', json: ['details'] },
  { table: 'notification_mark', key: ['account'], by: 'household' },
  { table: 'notification_setting', key: ['account'], by: 'household', json: ['channels', 'quiet'] },
  { table: 'intake', key: ['day'], by: 'household' },
  { table: 'event', key: ['router', 'id'], by: 'household', json: ['payload'] },
];

/** Tables that lead to a household and are not for its people, and why. */
export const withheldTables: Readonly<Partial<Record<keyof Tables, string>>> = {
  enrolment: 'codes of a router that is being taken in, gone within the hour',
  webhook_delivery: 'messages that wait to be sent: what they tell is in notification',
  webhook_attempt: 'how sending the last fifty messages to each webhook went: the service’s own log',
  answer: 'answers of the last day for who asks again, which only the idempotency key opens',
  delivery: 'pushes that wait to be sent: what they tell is in notification',
};
