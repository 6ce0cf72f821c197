import { useState } from 'preact/hooks';
import type { RequestView } from '../../api/contract.ts';
import { Avatar } from '../../design/avatar.tsx';
import { Button } from '../../design/button.tsx';
import { Icon } from '../../design/icon.tsx';
import { showToast } from '../../design/toast.tsx';
import { useHome, useHousehold, useNow, useProfile, useRun } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { UrgentContacts } from '../contacts/urgent-contacts.tsx';
import { AnswerSheet } from './answer-sheet.tsx';
import { requestTitle } from './request-title.ts';
import './requests.css';

export interface Answer {
  readonly granted: boolean;
  readonly minutes: number;
  readonly reply: string;
}

/** What a child asked and nobody has answered yet. A call for help looks like one. */
export function RequestCard({ request }: { request: RequestView }) {
  const texts = useTexts();
  const format = useFormat();
  const { language } = useLanguage();
  const now = useNow();
  const household = useHousehold();
  const { devices } = useHome();
  const run = useRun();
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const name = useProfile(request.profile)?.name ?? texts.requests.unknownChild;
  const device = devices.find(({ id }) => id === request.device);
  const help = request.ask === 'help';
  const asked = format.duration(request.minutes);
  const title = requestTitle(request, name, { texts, format, language });

  const answer = (given: Answer) =>
    household.change(request.profile, () => household.api.answer(request.id, given));
  const done = () => {
    showToast({ tone: 'good', text: texts.requests.answeredToast(name) });
    void household.requests.refresh();
  };
  const give = async () => {
    setBusy(true);
    if (await run(() => answer({ granted: true, minutes: request.minutes, reply: '' }))) done();
    setBusy(false);
  };

  return (
    <article class={`card request${help ? ' request--help' : ''}`} aria-label={title}>
      <div class="request__head">
        {help ? (
          <span class="request__alarm">
            <Icon name="alert" />
          </span>
        ) : (
          <Avatar id={request.profile} name={name} />
        )}
        <div class="request__texts">
          <h3>{title}</h3>
          <p class="small muted">
            {request.guessed ? texts.time.about(format.moment(request.at, now)) : format.ago(request.at, now)}
            {device && ` · ${texts.requests.from(device.name)}`}
          </p>
        </div>
      </div>
      {request.text !== '' && <blockquote class="request__words">{request.text}</blockquote>}
      {help && (
        <>
          <p>{texts.requests.helpText}</p>
          <UrgentContacts />
        </>
      )}
      <div class="request__actions">
        {!help && (
          <Button
            tone="primary"
            busy={busy}
            label={texts.requests.giveTo(asked, name)}
            onClick={() => void give()}
          >
            {texts.requests.give(asked)}
          </Button>
        )}
        <Button
          tone={help ? 'primary' : 'soft'}
          label={texts.requests.answerTo(name)}
          onClick={() => setAsking(true)}
        >
          {texts.requests.answer}
        </Button>
      </div>
      {asking && (
        <AnswerSheet
          request={request}
          name={name}
          onClose={() => setAsking(false)}
          onAnswer={answer}
          onDone={() => {
            setAsking(false);
            done();
          }}
        />
      )}
    </article>
  );
}
