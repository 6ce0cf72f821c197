import { useEffect, useMemo } from 'preact/hooks';
import type { RequestView, Shared } from '../../api/contract.ts';
import { Resource } from '../../api/resource.ts';
import { useStore } from '../../api/store.ts';
import { useApp } from '../../app/context.ts';
import { LoadFailed } from '../../app/load-failed.tsx';
import { Empty, Skeleton } from '../../design/empty.tsx';
import { Icon } from '../../design/icon.tsx';
import { List, PlainRow } from '../../design/list.tsx';
import { type Format, useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import type { Texts } from '../../language/vi.ts';

/** What children asked, and what they were answered. */
export function SharedRequests({ family }: { family: Shared }) {
  const texts = useTexts();
  const format = useFormat();
  const { api } = useApp();
  const requests = useMemo(() => new Resource(() => api.duties.requests(family.id)), [api, family.id]);
  // `family` is another one after each change that the server told of.
  useEffect(() => void requests.refresh(), [requests, family]);
  const { value, error } = useStore(requests);
  if (value === undefined) {
    return error === undefined ? (
      <Skeleton />
    ) : (
      <LoadFailed error={error} onRetry={() => void requests.refresh()} />
    );
  }
  const { families } = texts.duties;
  if (value.items.length === 0) return <Empty icon="bell" title={families.noRequests} />;
  const nameOf = ({ profile }: RequestView) =>
    family.children.find(({ id }) => id === profile)?.name ?? texts.requests.unknownChild;
  return (
    <List>
      {value.items.map((request) => (
        <PlainRow
          key={request.id}
          leading={<Icon name={request.ask === 'help' ? 'alert' : 'hourglass'} />}
          title={families.asked(
            nameOf(request),
            request.ask === 'help'
              ? families.askedHelp
              : families.askedTime(format.duration(request.minutes)),
          )}
          detail={[request.text, answerText(request, texts, format), askedAt(request, texts, format)]
            .filter((part) => part !== '')
            .join(' · ')}
        />
      ))}
    </List>
  );
}

function askedAt({ at, guessed }: RequestView, texts: Texts, format: Format): string {
  const moment = format.moment(at, Date.now());
  return guessed ? texts.time.about(moment) : moment;
}

function answerText({ answer, ask }: RequestView, texts: Texts, format: Format): string {
  if (answer === null) return texts.duties.families.open;
  if (ask === 'help') return texts.requests.grantedHelp;
  return answer.granted ? texts.requests.granted(format.duration(answer.minutes)) : texts.requests.refused;
}
