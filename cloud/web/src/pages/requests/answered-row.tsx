import type { RequestView } from '../../api/contract.ts';
import { Avatar } from '../../design/avatar.tsx';
import { Badge } from '../../design/badge.tsx';
import { useNow, useProfile } from '../../household/context.ts';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { requestTitle } from './request-title.ts';

/** A request that was answered: what was asked, what was said, by whom and when. */
export function AnsweredRow({
  request,
  answer,
}: {
  request: RequestView;
  answer: NonNullable<RequestView['answer']>;
}) {
  const texts = useTexts();
  const format = useFormat();
  const { language } = useLanguage();
  const now = useNow();
  const name = useProfile(request.profile)?.name ?? texts.requests.unknownChild;
  const help = request.ask === 'help';
  const verdict = help
    ? texts.requests.grantedHelp
    : answer.granted
      ? texts.requests.granted(format.duration(answer.minutes))
      : texts.requests.refused;
  return (
    <li class="answered">
      <Avatar id={request.profile} name={name} small />
      <div class="answered__texts">
        <p class="answered__title">{requestTitle(request, name, { texts, format, language })}</p>
        {request.text !== '' && <p class="small">“{request.text}”</p>}
        <p class="answered__answer">
          <Badge tone={answer.granted ? 'good' : 'quiet'}>{verdict}</Badge>
          {answer.reply !== '' && <span class="small">{answer.reply}</span>}
        </p>
        <p class="small muted">{texts.requests.by(answer.by, format.moment(answer.at, now))}</p>
      </div>
    </li>
  );
}
