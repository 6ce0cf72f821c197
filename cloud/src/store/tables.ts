import type { ColumnType, Generated } from 'kysely';

/*
 * The tables, as Kysely sees them. Instants are milliseconds since the epoch, UTC; `Json` columns hold JSON text that is
 * parsed through a schema when it is read; booleans are 0 or 1, which both engines know.
 */
export type Json = string;
type Flag = ColumnType<number, 0 | 1, 0 | 1>;

export interface AccountTable {
  id: string;
  /** Lower case; what a password is asked with. Null where there are passkeys alone. */
  email: string | null;
  name: string;
  language: 'vi' | 'en';
  created_at: number;
}

export interface PasswordTable {
  account: string;
  /** argon2id, PHC string. */
  hash: string;
  changed_at: number;
}

export interface SessionTable {
  /** SHA-256 of the cookie's token, hex: a stolen database opens no session. */
  token_hash: string;
  /** What the account's owner calls it by; opens nothing. */
  id: string;
  account: string;
  created_at: number;
  /** Of the last quarter of an hour at least. */
  used_at: number;
  /** When whoever uses it last showed a password, or a passkey that verified the user; 0 for never. */
  authenticated_at: number;
  expires_at: number;
  /** What the browser said of itself, where it is a well-known one: `Chrome`, `Android`. */
  browser: string | null;
  system: string | null;
  /** Begun with a recovery code: good for nothing but a new way to sign in, until there is one. */
  recovering: ColumnType<number, 0 | 1 | undefined, 0 | 1>;
}

/** A way to sign in without a password (WebAuthn Level 3). */
export interface PasskeyTable {
  id: string;
  account: string;
  /** The authenticator's id of it, base64url. */
  credential: string;
  /** COSE_Key, base64url. */
  public_key: string;
  /** As the authenticator told it last; 0 for those that do not count. */
  counter: number;
  transports: Json;
  /** It is in the cloud of its maker, so that it outlives the device. */
  backed_up: Flag;
  name: string;
  created_at: number;
  used_at: number | null;
  /** When its counter last went back: there may be two of it. */
  copied_at: number | null;
}

/** Challenges that were answered, until they would have expired anyway: none is answered twice. */
export interface AnsweredChallengeTable {
  /** SHA-256, hex. */
  hash: string;
  expires_at: number;
}

/** Codes that are not used yet. */
export interface RecoveryCodeTable {
  /** SHA-256, hex; a code has 80 random bits, so a slow hash would add nothing. */
  hash: string;
  account: string;
  created_at: number;
}

/** Into a household, for whoever has the link. Gone once it is accepted or revoked. */
export interface InvitationTable {
  id: string;
  household: string;
  /** SHA-256 of the link's secret, hex. */
  token_hash: string;
  role: 'owner' | 'carer' | 'viewer';
  /** For whom it is meant, in the inviting person's words. */
  label: string | null;
  invited_by: string;
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
  /** When the summary of the next week is due; 0 where that is not worked out. */
  weekly_due_at: Generated<number>;
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
  /** Null where it was not kept yet. */
  joined_at: number | null;
}

export interface RouterTable {
  id: string;
  household: string;
  name: string;
  model: string;
  /** SubjectPublicKeyInfo, DER, base64url: one router, one key. */
  public_key: string;
  enrolled_at: number;
  /** The edge connection that is open now, `<id>@<node>`; null when offline. */
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
  /** The name of the internet provider that looks after it. */
  isp: string | null;
  /** The parents were told that it is offline. */
  offline_told: ColumnType<number, 0 | 1 | undefined, 0 | 1>;
  /** Since when there are newer lists than it has; null where it has the newest. */
  lists_behind_since: number | null;
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

/** An internet provider that vouches for the routers it gives out. */
export interface IspTable {
  name: string;
  /** SubjectPublicKeyInfo of an Ed25519 or P-256 key, DER, base64url: it signs manifests. */
  public_key: string;
  added_at: number;
}

/** A router that is known by its key before a family has claimed it, or again after one has let it go. */
export interface StockTable {
  public_key: string;
  /** The id that it has, or will have, in `router`: a new one after each family. */
  router: string;
  model: string;
  /** Null for one that no manifest named. */
  isp: string | null;
  serial: string | null;
  /** `claimHash` of the code that is printed on it. */
  claim: string | null;
  /** The same of the code that its last family was given for the next, and until when it is good. */
  transfer: string | null;
  transfer_until: number | null;
  added_at: number;
  contacted_at: number | null;
}

/** A key that was stolen or copied: nothing is enrolled with it ever again. */
export interface RevokedKeyTable {
  public_key: string;
  revoked_at: number;
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
  /** Of time for one service or category alone: which; else both null. */
  target_kind: ColumnType<'category' | 'service' | null, 'category' | 'service' | undefined, never>;
  target_id: ColumnType<string | null, string | undefined, never>;
  text: string;
  at: number;
  /** Whether `at` is a guess, because the router's clock was wrong. */
  at_guessed: ColumnType<number, 0 | 1 | undefined, 0 | 1>;
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
  /** By our clock. */
  at: number;
  /** What the router's clock said, where that could not be so; null where it could. */
  told_at: number | null;
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
  /** Of a way round the rules: the blocked service whose address was tried; empty for others, and in study mode. */
  target_name: string;
  tries: number;
  first_at: number;
  last_at: number;
  /** Whether the instants are guesses, because the router's clock was wrong. */
  at_guessed: ColumnType<number, 0 | 1 | undefined, 0 | 1>;
}

/** How much a household's routers told on one UTC day: the bound on what they can make the store hold. */
export interface IntakeTable {
  household: string;
  /** Days since the epoch. */
  day: number;
  events: number;
  requests: number;
  helps: Generated<number>;
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

/** One whose workers help families. */
export interface OrganisationTable {
  id: string;
  name: string;
  created_at: number;
}

/** What an account does for others. */
export interface DutyTable {
  id: string;
  account: string;
  kind: 'operator' | 'worker' | 'administrator';
  /** Of an operator: the name of the provider. */
  isp: string | null;
  /** Of a worker. */
  organisation: string | null;
  /** Of a worker: what families type. */
  code: string | null;
  since: number;
}

/** What a family lets a worker see; the row goes when it is ended. */
export interface ConsentTable {
  id: string;
  household: string;
  /** The worker's: it ends with the duty. */
  duty: string;
  scope: Json;
  from_at: number;
  until_at: number;
  /** The account. */
  given_by: string;
}

/** Who looked at a household's data, and who changed what matters for that. */
export interface AuditTable {
  id: string;
  /** Null where the service itself was changed. */
  household: string | null;
  at: number;
  /** Null for a command on the server. */
  account: string | null;
  /** Of the person, as it was then. */
  name: string;
  acting_as: 'member' | 'worker' | 'operator' | 'administrator';
  /** Or the internet provider, as it was called then. */
  organisation: string | null;
  kind: string;
  /** Whom or what it is about, where that has a name. */
  about: string | null;
  /** What is not to be written twice has the same here. */
  once: string | null;
}

/** A line of the feed of notifications. What happens again makes it grow. */
export interface NotificationTable {
  id: string;
  household: string;
  kind: string;
  /** What it is of, by which it is found to grow. */
  subject: string;
  profile: string | null;
  router: string | null;
  details: Json;
  count: number;
  first_at: number;
  at: number;
  /** Whether `at` is a guess, because the router's clock was wrong. */
  at_guessed: ColumnType<number, 0 | 1 | undefined, 0 | 1>;
  /** Counted up in the household with each change of a line: what a person has not seen is above their mark. */
  sequence: number;
  settled_at: number | null;
  /** When it is to be pushed; null when it is not, or was. */
  push_at: number | null;
  pushed_at: number | null;
}

/** Up to which `notification.sequence` a person has seen what a household was told. */
export interface NotificationMarkTable {
  household: string;
  account: string;
  read_until: number;
}

/** How a person wants to be told; without a row as their role is told. */
export interface NotificationSettingTable {
  household: string;
  account: string;
  channels: Json;
  quiet: Json;
  details: Flag;
}

/** A browser that takes pushes (RFC 8030), as long as its session lasts. */
export interface PushSubscriptionTable {
  id: string;
  account: string;
  session: string;
  endpoint: string;
  p256dh: string;
  auth: string;
  created_at: number;
}

/** A push that is not sent yet. */
export interface DeliveryTable {
  id: string;
  household: string;
  account: string;
  subscription: string;
  /** The notification, or `digest` for what came in quiet hours: one of each waits for a browser. */
  subject: string;
  notification: string | null;
  /** Of a digest: the first `notification.sequence` that it is of. */
  from_sequence: number;
  /** Not before; while it is being sent, when it is taken that the sender died. */
  due_at: number;
  attempts: number;
  /** Who sends it. */
  lease: string | null;
  created_at: number;
}

/** What a household's week was like. */
export interface WeeklyTable {
  household: string;
  /** Its Monday, local date, YYYY-MM-DD. */
  week: string;
  created_at: number;
  body: Json;
}

/** The same of a child. */
export interface WeeklyChildTable {
  household: string;
  week: string;
  profile: string;
  body: Json;
}

/** By which a program asks in a household's name, until who made it is its owner no more. */
export interface ApiKeyTable {
  id: string;
  household: string;
  /** Who made it, and in whose name it acts. */
  account: string;
  name: string;
  scopes: Json;
  /** SHA-256 of the key, hex. */
  token_hash: string;
  created_at: number;
  /** Of the last quarter of an hour at least. */
  used_at: number | null;
  expires_at: number | null;
}

/** An address outside that is told of what a household is notified of. */
export interface WebhookTable {
  id: string;
  household: string;
  account: string;
  url: string;
  kinds: Json;
  /** What messages are signed with, base64. */
  secret: string;
  created_at: number;
  /** Since when nothing was taken there; null while it is. */
  failing_since: number | null;
  disabled_at: number | null;
}

/** A message to a webhook that is not taken yet. */
export interface WebhookDeliveryTable {
  /** Of the message: the same with every attempt. */
  id: string;
  webhook: string;
  /** Null for one that only tries it out. */
  notification: string | null;
  due_at: number;
  attempts: number;
  lease: string | null;
  created_at: number;
}

/** How sending to a webhook went. */
export interface WebhookAttemptTable {
  id: string;
  webhook: string;
  /** `webhook_delivery.id` */
  message: string;
  kind: string;
  at: number;
  /** Milliseconds. */
  took: number;
  /** Of HTTP; null where nothing was answered. */
  status: number | null;
  /** Why nothing was. */
  failure: string | null;
}

/** What a request with an idempotency key was answered. */
export interface AnswerTable {
  /** Made of who asks and the key. */
  id: string;
  account: string;
  household: string;
  /** SHA-256 of the request, hex. */
  fingerprint: string;
  created_at: number;
  /** Null while it is not answered. */
  status: number | null;
  /** The body, encrypted by the idempotency key. */
  sealed: string | null;
}

/** A process that serves: one with the embedded store, several over PostgreSQL. */
export interface NodeTable {
  id: string;
  /** Grows while it lives. */
  beat: number;
  started_at: number;
}

/** How often something that is limited was done, by whom. */
export interface SpentTable {
  limit: string;
  key: string;
  times: number;
  until: number;
}

export interface Tables {
  node: NodeTable;
  spent: SpentTable;
  account: AccountTable;
  password: PasswordTable;
  passkey: PasskeyTable;
  answered_challenge: AnsweredChallengeTable;
  recovery_code: RecoveryCodeTable;
  session: SessionTable;
  invitation: InvitationTable;
  household: HouseholdTable;
  holiday: HolidayTable;
  member: MemberTable;
  router: RouterTable;
  enrolment: EnrolmentTable;
  isp: IspTable;
  stock: StockTable;
  revoked_key: RevokedKeyTable;
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
  organisation: OrganisationTable;
  duty: DutyTable;
  consent: ConsentTable;
  audit: AuditTable;
  notification: NotificationTable;
  notification_mark: NotificationMarkTable;
  notification_setting: NotificationSettingTable;
  push_subscription: PushSubscriptionTable;
  delivery: DeliveryTable;
  weekly: WeeklyTable;
  weekly_child: WeeklyChildTable;
  api_key: ApiKeyTable;
  webhook: WebhookTable;
  webhook_delivery: WebhookDeliveryTable;
  webhook_attempt: WebhookAttemptTable;
  answer: AnswerTable;
}
