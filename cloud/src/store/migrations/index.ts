import type { Migrations } from '../migrate.ts';
import * as tables from './0001-tables.ts';
import * as quotasAndDevices from './0002-quotas-and-devices.ts';
import * as people from './0003-people.ts';
import * as rights from './0004-rights.ts';
import * as edgeAndEnrolment from './0005-edge-and-enrolment.ts';
import * as alerts from './0006-alerts.ts';
import * as api from './0007-api.ts';
import * as nodes from './0008-nodes.ts';
import * as requestsOfParts from './0009-requests-of-parts.ts';
import * as guessedTimes from './0010-guessed-times.ts';
import * as guessedNews from './0011-guessed-news.ts';
import * as leanBursts from './0012-lean-bursts.ts';

/** A published migration is never edited, a later one corrects it. */
export const migrations: Migrations = {
  '0001-tables': tables,
  '0002-quotas-and-devices': quotasAndDevices,
  '0003-people': people,
  '0004-rights': rights,
  '0005-edge-and-enrolment': edgeAndEnrolment,
  '0006-alerts': alerts,
  '0007-api': api,
  '0008-nodes': nodes,
  '0009-requests-of-parts': requestsOfParts,
  '0010-guessed-times': guessedTimes,
  '0011-guessed-news': guessedNews,
  '0012-lean-bursts': leanBursts,
};
