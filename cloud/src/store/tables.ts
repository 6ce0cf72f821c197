import type { ColumnType } from 'kysely';

/*
 * The tables, as Kysely sees them. Instants are milliseconds since the epoch, UTC; `Json` columns hold JSON text that is
 * parsed through a schema when it is read; booleans are 0 or 1, which both engines know.
 */
export type Json = string;
type Flag = ColumnType<number, 0 | 1, 0 | 1>;

export interface AccountTable {
  id: string;
  email: string;
  name: string;
  language: 'vi' | 'en';
  /** argon2id, PHC string. */
  password_hash: string;
  created_at: number;
}

export interface SessionTable {
  /** SHA-256 of the cookie's token, hex: a stolen database opens no session. */
  token_hash: string;
  account: string;
  created_at: number;
  expires_at: number;
}

export interface HouseholdTable {
  id: string;
  name: string;
  zone: string;
  language: 'vi' | 'en';
  created_at: number;
}

export interface MemberTable {
  household: string;
  account: string;
  role: 'owner';
}

export interface RouterTable {
  id: string;
  household: string;
  name: string;
  model: string;
  /** SubjectPublicKeyInfo, DER, base64url: one router, one key. */
  public_key: string;
  enrolled_at: number;
  /** The edge connection that is open now; null when offline. Cleared when a node starts. */
  connection: string | null;
  last_seen_at: number | null;
  daemon: string | null;
  time_source: string | null;
  enforcement: string | null;
  policy_in_force: number | null;
  contacts_in_force: number | null;
  refusal_code: string | null;
  refusal_at: number | null;
}

export interface EnrolmentTable {
  /** SHA-256 of the device code, hex. */
  device_code_hash: string;
  user_code: string;
  public_key: string;
  model: string;
  daemon: string;
  created_at: number;
  expires_at: number;
  polled_at: number | null;
  /** Set when a parent has claimed it. */
  router: string | null;
}

export interface ProfileTable {
  id: string;
  household: string;
  name: string;
  age_band: string;
  rules: Json;
  pause: Json | null;
  extra_time: Json | null;
  created_at: number;
}

export interface DeviceTable {
  id: string;
  household: string;
  profile: string | null;
  /** The parent's own name for it. */
  name: string | null;
  hostname: string | null;
  addresses: Json;
  present: Flag;
  first_seen_at: number;
  last_seen_at: number;
}

export interface DeviceMacTable {
  household: string;
  mac: string;
  device: string;
}

export interface RequestTable {
  id: string;
  household: string;
  profile: string;
  device: string | null;
  ask: 'time' | 'help';
  minutes: number;
  text: string;
  at: number;
  granted: Flag | null;
  answer_minutes: number | null;
  reply: string | null;
  answered_at: number | null;
  answered_by: string | null;
}

export interface EventTable {
  id: string;
  household: string;
  router: string;
  kind: string;
  at: number;
  time_source: string;
  received_at: number;
  payload: Json;
}

export interface BurstTable {
  id: string;
  household: string;
  profile: string;
  device: string;
  target_kind: 'service' | 'category' | 'name';
  target_id: string;
  target_name: string;
  tries: number;
  first_at: number;
  last_at: number;
}

export interface DocumentTable {
  router: string;
  kind: string;
  version: number;
  issued_at: number;
  /** SHA-256 of the canonical body, hex: an unchanged body makes no new version. */
  body_hash: string;
  signed: Json;
}

export interface SecretTable {
  name: string;
  value: string;
  created_at: number;
}

export interface Tables {
  account: AccountTable;
  session: SessionTable;
  household: HouseholdTable;
  member: MemberTable;
  router: RouterTable;
  enrolment: EnrolmentTable;
  profile: ProfileTable;
  device: DeviceTable;
  device_mac: DeviceMacTable;
  request: RequestTable;
  event: EventTable;
  burst: BurstTable;
  document: DocumentTable;
  secret: SecretTable;
}
