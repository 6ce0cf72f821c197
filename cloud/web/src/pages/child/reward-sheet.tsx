import { useState } from 'preact/hooks';
import type { ProfileView, QuotaStandingView } from '../../api/contract.ts';
import { Button } from '../../design/button.tsx';
import { ChoiceChips } from '../../design/choice.tsx';
import { TextField } from '../../design/field.tsx';
import { Sheet } from '../../design/sheet.tsx';
import { useHousehold, useRun } from '../../household/context.ts';
import { targetGlyph, targetName } from '../../household/quota-text.ts';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';

const SPANS = [10, 15, 30, 45, 60];
/** As the server takes it. */
const REASON_LENGTH = 200;

interface RewardSheetProps {
  profile: ProfileView;
  /** Those with a limit today, one at least. */
  quotas: readonly QuotaStandingView[];
  onClose: () => void;
}

/** Minutes on top of one of today's limits, with a word that the child reads. */
export function RewardSheet({ profile, quotas, onClose }: RewardSheetProps) {
  const texts = useTexts();
  const format = useFormat();
  const household = useHousehold();
  const run = useRun();
  const { language } = useLanguage();
  const [quota, setQuota] = useState(quotas[0]?.id ?? '');
  const [minutes, setMinutes] = useState(15);
  const [reason, setReason] = useState('');
  const { id, name } = profile;
  const of = quotas.find((one) => one.id === quota)?.of;

  const give = async () => {
    onClose();
    let after: ProfileView | undefined;
    const task = async () => {
      after = await household.api.addBonus(id, { quota, minutes, reason: reason.trim() });
    };
    const known = new Set(profile.bonuses.map((bonus) => bonus.id));
    const takeBack = () => {
      const given = after?.bonuses.find((bonus) => !known.has(bonus.id));
      return given === undefined ? Promise.resolve() : household.api.removeBonus(id, given.id);
    };
    const target = of === undefined ? '' : targetName(texts, language, of);
    await run(() => household.change(id, task), {
      text: texts.quota.rewarded(name, format.duration(minutes), target),
      action: { label: texts.common.undo, run: () => void run(() => household.change(id, takeBack)) },
    });
  };

  return (
    <Sheet title={texts.quota.rewardOf(name)} onClose={onClose}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void give();
        }}
      >
        <p class="muted">{texts.quota.rewardText}</p>
        {quotas.length > 1 && (
          <ChoiceChips
            legend={texts.quota.rewardFor}
            value={quota}
            onChoose={setQuota}
            options={quotas.map((one) => {
              const target = targetName(texts, language, one.of);
              return { value: one.id, label: `${targetGlyph(one.of)} ${target}`, name: target };
            })}
          />
        )}
        <ChoiceChips
          legend={texts.quota.rewardMinutes}
          value={String(minutes)}
          onChoose={(value) => setMinutes(Number(value))}
          options={SPANS.map((span) => ({ value: String(span), label: format.duration(span) }))}
        />
        <TextField
          label={`${texts.quota.rewardReason} (${texts.common.optional})`}
          hint={texts.quota.rewardReasonHint(name)}
          placeholder={texts.quota.rewardReasonPlaceholder}
          autocomplete="off"
          maxLength={REASON_LENGTH}
          value={reason}
          onText={setReason}
        />
        <Button tone="primary" type="submit" icon="star" wide>
          {texts.quota.giveReward(format.duration(minutes))}
        </Button>
      </form>
    </Sheet>
  );
}
