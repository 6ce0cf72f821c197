import { KhienError } from '@khien/shared/error';
import { z } from 'zod';

/*
 * A backup is gzip'd JSON lines, the same from both engines: who made it and how far its tables had come; for each table
 * its columns, then a line for each row; how many rows there were. Parents of a foreign key come before its children.
 */

const headerSchema = z.strictObject({
  khien: z.literal('backup'),
  form: z.literal(1),
  /** Migrations that the tables had gone through, in their order. */
  steps: z.array(z.string()).min(1),
  at: z.number().int(),
});
const tableSchema = z.strictObject({
  table: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/),
  columns: z.array(z.string().regex(/^[a-z][a-z0-9_]{0,62}$/)).min(1),
});
const rowSchema = z.array(z.union([z.string(), z.number(), z.null()]));
const endSchema = z.strictObject({ rows: z.number().int().nonnegative() });

export type Header = z.infer<typeof headerSchema>;
export type Row = z.infer<typeof rowSchema>;

export type Line =
  | { readonly kind: 'table'; readonly table: string; readonly columns: readonly string[] }
  | { readonly kind: 'row'; readonly row: Row }
  | { readonly kind: 'end'; readonly rows: number };

export const headerLine = (steps: readonly string[], at: number): string =>
  `${JSON.stringify({ khien: 'backup', form: 1, steps, at })}\n`;
export const tableLine = (table: string, columns: readonly string[]): string =>
  `${JSON.stringify({ table, columns })}\n`;
export const endLine = (rows: number): string => `${JSON.stringify({ rows })}\n`;

/** @throws KhienError `BACKUP_VALUE` for a value that no column of ours has */
export function rowLine(values: readonly unknown[]): string {
  const row = rowSchema.safeParse(values);
  if (!row.success) throw new KhienError('BACKUP_VALUE', 'a column holds what is neither text nor a number');
  return `${JSON.stringify(row.data)}\n`;
}

/** @throws KhienError `BACKUP_UNREADABLE` */
export function parseHeader(line: string): Header {
  const header = headerSchema.safeParse(parseJson(line));
  if (!header.success) throw new KhienError('BACKUP_UNREADABLE', 'this is no backup of a Khiên cloud');
  return header.data;
}

/** @throws KhienError `BACKUP_UNREADABLE` */
export function parseLine(line: string): Line {
  const json = parseJson(line);
  if (Array.isArray(json)) {
    const row = rowSchema.safeParse(json);
    if (row.success) return { kind: 'row', row: row.data };
  }
  const table = tableSchema.safeParse(json);
  if (table.success) return { kind: 'table', ...table.data };
  const end = endSchema.safeParse(json);
  if (end.success) return { kind: 'end', ...end.data };
  throw new KhienError('BACKUP_UNREADABLE', `a line of the backup cannot be read: ${line.slice(0, 80)}`);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
