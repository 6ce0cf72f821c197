import type { FleetRouter } from '../../api/contract.ts';
import { Badge } from '../../design/badge.tsx';
import { Facts } from '../../design/list.tsx';
import { hindranceText } from '../../language/error-text.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';

const documents = ['contacts', 'lists'] as const;

/** One router by its id, which is all that an operator may call it by. */
export function FleetRouterCard({ router }: { router: FleetRouter }) {
  const texts = useTexts();
  const { fleet } = texts.duties;
  const format = useFormat();
  const seen =
    router.lastSeenAt === null ? fleet.never : fleet.lastSeen(format.moment(router.lastSeenAt, Date.now()));
  const versionOf = (version: number | null) => (version === null ? '–' : String(version));
  return (
    <article class="card card--padded stack" aria-label={router.id}>
      <div class="stack stack--tight">
        <h3 class="fleet__id">{router.id}</h3>
        <p class="small">
          <Badge tone={router.online ? 'good' : 'bad'}>{router.online ? fleet.online : fleet.offline}</Badge>{' '}
          {!router.online && seen}
        </p>
      </div>
      <Facts
        facts={[
          { name: fleet.model, value: router.model },
          { name: fleet.daemon, value: router.daemon ?? fleet.unknownVersion },
          { name: fleet.enforcement, value: enforcementText() },
          ...(router.documents.policy === 'outdated'
            ? [{ name: fleet.documents.policy, value: fleet.standings.outdated }]
            : []),
          ...documents.map((kind) => ({
            name: fleet.documents[kind],
            value: fleet.versionOf(
              versionOf(router.documents[kind].inForce),
              versionOf(router.documents[kind].issued),
            ),
          })),
          ...(router.refusal === null ? [] : [{ name: fleet.refusal, value: coded(router.refusal) }]),
        ]}
      />
    </article>
  );

  /** The words, and the code, which is what is looked up in a manual. */
  function coded(code: string): string {
    return `${hindranceText(texts, code)} (${code})`;
  }

  function enforcementText(): string {
    if (router.enforcement === null) return '–';
    return router.enforcement === 'enforcing' ? fleet.enforcing : coded(router.enforcement);
  }
}
