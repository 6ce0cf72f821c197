/**
 * The one door to what the server and the router share with this UI. Values come from single modules that are plain
 * functions and data; schemas come as types only, so that no schema library reaches the browser.
 */
import type { Service as CatalogueService } from '@khien/shared/catalogue';

export type { Contact } from '@khien/shared/contact';
export { defaultContacts } from '@khien/shared/contact';
export type { BypassMethod, DeviceEvidence } from '@khien/shared/event';
export { type Id, newId } from '@khien/shared/id';
export { dnsNameFromText, isUnder } from '@khien/shared/name';
export type {
  AgeBand,
  Bonus,
  NewDevicePolicy,
  Quota,
  QuotaTarget,
  Rules,
  Schedule,
  ScheduleMode,
  YoutubeMode,
} from '@khien/shared/policy';
export {
  ageBands,
  NO_LIMIT,
  newDevicePolicies,
  presets,
  sameTarget,
  scheduleModes,
  youtubeModes,
} from '@khien/shared/policy';
// Not through the index of the folder, which also has what signs enrolments with node:crypto.
export { normaliseClaimCode } from '../../../../shared/src/enrolment/claim-code.ts';
export type { ActivityItem, ActivityPage } from '../../../src/activity/schema.ts';
export type { AlertView } from '../../../src/alerts/schema.ts';
export type { ApiKeyMade, ApiKeyRequest, ApiKeyView } from '../../../src/api-keys/schema.ts';
export type { KeyScope } from '../../../src/api-keys/scope.ts';
export type { AuditItem, AuditPage } from '../../../src/audit/schema.ts';
export type {
  ConsentRequest,
  ConsentView,
  FamilyList,
  Shared,
  SharedRules,
  WorkerView,
} from '../../../src/consents/schema.ts';
export type { Fleet, FleetPage, FleetRouter } from '../../../src/fleet/schema.ts';
export type { HolidayView, PublicHoliday } from '../../../src/holidays/schema.ts';
export type {
  Change,
  DeviceView,
  Home,
  ProfileView,
  QuotaStandingView,
} from '../../../src/households/schema.ts';
export type { PasskeySignUp } from '../../../src/identity/passkey-schema.ts';
export type {
  Account,
  Deletion,
  Language,
  Security,
  SessionView,
  SignUp,
} from '../../../src/identity/schema.ts';
export type {
  InvitationMade,
  InvitationOffer,
  InvitationView,
  MemberView,
} from '../../../src/members/schema.ts';
export type { NotificationKind } from '../../../src/notifications/about.ts';
export type {
  Channel,
  NotificationPage,
  NotificationSettings,
  NotificationView,
  QuietHours,
  SettingsChange,
} from '../../../src/notifications/schema.ts';
export type {
  DutyChange,
  DutyChangesPage,
  DutyPage,
  DutyRequest,
  DutyView,
  Organisation,
  OrganisationList,
  OwnDuties,
} from '../../../src/organisations/schema.ts';
export type { Problem } from '../../../src/problem.schema.ts';
export type { ProposalView } from '../../../src/proposals/schema.ts';
export type { PushState, SubscriptionInput } from '../../../src/push/schema.ts';
export type { RequestView } from '../../../src/requests/schema.ts';
export type { DutyKind, Scope } from '../../../src/rights/right.ts';
export { ROLES, type Role } from '../../../src/rights/right.ts';
export type { Release, RouterView } from '../../../src/routers/schema.ts';
export type { UsageReport } from '../../../src/usage/schema.ts';
export type {
  AttemptPage,
  WebhookAttempt,
  WebhookChange,
  WebhookMade,
  WebhookRequest,
  WebhookView,
} from '../../../src/webhooks/schema.ts';
export type { Weekly } from '../../../src/weekly/schema.ts';

/** A service as this UI has it: the build leaves out what only the router needs (`vite.config.ts`). */
export type Service = Pick<CatalogueService, 'id' | 'name' | 'glyph' | 'category' | 'note' | 'dependsOn'>;
