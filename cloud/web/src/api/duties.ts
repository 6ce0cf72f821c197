import type {
  ActivityPage,
  DutyChangesPage,
  DutyPage,
  DutyRequest,
  DutyView,
  FamilyList,
  Fleet,
  FleetPage,
  Id,
  OrganisationList,
  OwnDuties,
  RequestView,
  Shared,
  SharedRules,
} from './contract.ts';
import type { Http } from './http.ts';

/** What is asked by those who act for others. Each throws `ApiError`. */
export class DutiesApi {
  readonly #http: Http;

  constructor(http: Http) {
    this.#http = http;
  }

  /** What the own account does for others. */
  own(): Promise<OwnDuties> {
    return this.#http.call('GET', '/account/duties');
  }

  families(): Promise<FamilyList> {
    return this.#http.call('GET', '/families');
  }

  shared(household: Id): Promise<Shared> {
    return this.#http.call('GET', `/households/${household}/shared`);
  }

  sharedStreamUrl(household: Id): string {
    return `/api/v1/households/${household}/stream`;
  }

  rules(household: Id): Promise<SharedRules> {
    return this.#http.call('GET', `/households/${household}/rules`);
  }

  activity(household: Id, before: Id | undefined): Promise<ActivityPage> {
    return this.#http.call('GET', `/households/${household}/activity${queryOf({ before })}`);
  }

  requests(household: Id): Promise<{ items: RequestView[] }> {
    return this.#http.call('GET', `/households/${household}/requests`);
  }

  fleet(): Promise<Fleet> {
    return this.#http.call('GET', '/fleet');
  }

  fleetRouters(filter: {
    standing: string | undefined;
    daemon: string | undefined;
    after: Id | undefined;
  }): Promise<FleetPage> {
    return this.#http.call('GET', `/fleet/routers${queryOf(filter)}`);
  }

  organisations(): Promise<OrganisationList> {
    return this.#http.call('GET', '/organisations');
  }

  addOrganisation(name: string): Promise<unknown> {
    return this.#http.call('POST', '/organisations', { name });
  }

  renameOrganisation(organisation: Id, name: string): Promise<unknown> {
    return this.#http.call('PATCH', `/organisations/${organisation}`, { name });
  }

  duties(before: Id | undefined): Promise<DutyPage> {
    return this.#http.call('GET', `/duties${queryOf({ before })}`);
  }

  appoint(duty: DutyRequest): Promise<DutyView> {
    return this.#http.call('POST', '/duties', duty);
  }

  dismiss(duty: Id): Promise<unknown> {
    return this.#http.call('DELETE', `/duties/${duty}`);
  }

  changes(before: Id | undefined): Promise<DutyChangesPage> {
    return this.#http.call('GET', `/duties/changes${queryOf({ before })}`);
  }
}

function queryOf(values: Readonly<Record<string, string | undefined>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value !== undefined) query.set(key, value);
  return query.size === 0 ? '' : `?${query}`;
}
