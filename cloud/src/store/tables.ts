import type { ColumnType, Generated } from 'kysely';

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
  /** What becomes of devices that nobody has said anything of. */
  new_devices: Generated<'allow' | 'ask' | 'quarantine'>;
}

/** Days without school, both included, local dates as YYYY-MM-DD. */
export interface HolidayTable {
  id: string;
  household: string;
  name: string;
  from_date: string;
  to_date: string;
}

export interface MemberTable {
  household: string;
  account: string;
  role: 'owner' | 'carer' | 'viewer';
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
  lists_in_force: number | null;
  /** The table of names that is loaded; null where there is none. */
  lists_version: string | null;
  lists_names: number | null;
  /** Blocked categories for which the router has no memory; null before it told. */
  lists_left_out: Json | null;
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
  learning: Json | null;
}

/** Minutes that a parent added to a child's quota. */
export interface BonusTable {
  id: string;
  household: string;
  profile: string;
  quota: string;
  minutes: number;
  at: number;
  reason: string;
  /** The account. */
  given_by: string;
}

/** The most active minutes of a child that any router told of one quota day. */
export interface UsageTable {
  household: string;
  profile: string;
  /** Local date on which the quota day starts, YYYY-MM-DD. */
  day: string;
  target_kind: 'network' | 'category' | 'service';
  /** Empty for the network. */
  target_id: string;
  minutes: number;
  reported_at: number;
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
  pause: Json | null;
  /** A parent said that it is to be left alone. */
  known: ColumnType<number, 0 | 1 | undefined, 0 | 1>;
  /** What its DHCP client is like, as it was told last. */
  fingerprint: string | null;
}

export interface DeviceMacTable {
  household: string;
  mac: string;
  device: string;
  /** Of the same day at least; null for one that was not seen since this was kept. */
  seen_at: number | null;
}

/** An address that looks like a child's device, for the parents to decide. */
export interface ProposalTable {
  id: string;
  household: string;
  mac: string;
  /** The device that it is taken for. */
  device: string;
  evidence: Json;
  at: number;
  state: 'open' | 'confirmed' | 'denied';
  decided_at: number | null;
  /** The account. */
  decided_by: string | null;
}

/** A known address that seems to be used by something else. */
export interface AlertTable {
  id: string;
  household: string;
  mac: string;
  evidence: Json;
  at: number;
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
  target_kind: 'service' | 'category' | 'name' | 'quota' | 'learning' | 'bypass';
  /** Of a way round the rules: the method. */
  target_id: string;
  /** Of a way round the rules: the service whose address was tried, or empty. */
  target_name: string;
  tries: number;
  first_at: number;
  last_at: number;
}

/** How much a household's routers told on one UTC day: the bound on what they can make the store hold. */
export interface IntakeTable {
  household: string;
  /** Days since the epoch. */
  day: number;
  events: number;
  requests: number;
  /** Events that were over the limit and are not kept. */
  dropped: number;
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
  holiday: HolidayTable;
  member: MemberTable;
  router: RouterTable;
  enrolment: EnrolmentTable;
  profile: ProfileTable;
  bonus: BonusTable;
  usage: UsageTable;
  device: DeviceTable;
  device_mac: DeviceMacTable;
  proposal: ProposalTable;
  alert: AlertTable;
  request: RequestTable;
  event: EventTable;
  burst: BurstTable;
  intake: IntakeTable;
  document: DocumentTable;
  secret: SecretTable;
}
