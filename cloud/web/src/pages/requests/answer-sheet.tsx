import { useState } from 'preact/hooks';
import { type ApiError, apiErrorOf } from '../../api/api-error.ts';
import type { RequestView } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { ChoiceChips } from '../../design/choice.tsx';
import { AreaField } from '../../design/field.tsx';
import { Notice } from '../../design/notice.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { errorText } from '../../language/error-text.ts';
import { useFormat } from '../../language/format.ts';
import { useTexts } from '../../language/language.ts';
import type { Answer } from './request-card.tsx';

const SPANS = [15, 30, 60, 120];
/** As the server takes it. */
const REPLY_LENGTH = 300;

interface AnswerSheetProps {
  request: RequestView;
  name: string;
  onClose: () => void;
  onAnswer: (answer: Answer) => Promise<void>;
  onDone: () => void;
}

export function AnswerSheet({ request, name, onClose, onAnswer, onDone }: AnswerSheetProps) {
  const texts = useTexts();
  const format = useFormat();
  const help = request.ask === 'help';
  const [minutes, setMinutes] = useState(request.minutes);
  const [reply, setReply] = useState('');
  /** Which of the two answers is on its way. */
  const [sending, setSending] = useState<boolean>();
  const [error, setError] = useState<ApiError>();
  const spans = [...new Set([...SPANS, request.minutes])].filter((span) => span > 0).sort((a, b) => a - b);
  const send = async (granted: boolean, given: number) => {
    setSending(granted);
    setError(undefined);
    try {
      await onAnswer({ granted, minutes: given, reply: reply.trim() });
      onDone();
    } catch (thrown) {
      setError(apiErrorOf(thrown));
      setSending(undefined);
    }
  };

  return (
    <Sheet title={texts.requests.answerTo(name)} onClose={onClose}>
      {request.text !== '' && <blockquote class="request__words">{request.text}</blockquote>}
      {!help && (
        <ChoiceChips
          legend={texts.requests.minutes}
          value={String(minutes)}
          onChoose={(value) => setMinutes(Number(value))}
          options={spans.map((span) => ({ value: String(span), label: format.duration(span) }))}
        />
      )}
      <AreaField
        label={`${texts.requests.reply} (${texts.common.optional})`}
        placeholder={help ? texts.requests.replyHelpPlaceholder : texts.requests.replyPlaceholder}
        rows={2}
        maxLength={REPLY_LENGTH}
        value={reply}
        onText={setReply}
      />
      {error && <Notice tone="bad" icon="alert" title={errorText(texts, error)} />}
      <div class="sheet__actions">
        {help ? (
          <Button tone="primary" busy={sending === true} onClick={() => void send(true, 0)}>
            {texts.requests.seen}
          </Button>
        ) : (
          <>
            <Button tone="danger-soft" busy={sending === false} onClick={() => void send(false, 0)}>
              {texts.requests.refuse}
            </Button>
            <Button tone="primary" busy={sending === true} onClick={() => void send(true, minutes)}>
              {texts.requests.give(format.duration(minutes))}
            </Button>
          </>
        )}
      </div>
    </Sheet>
  );
}
