import type { ActivityItem } from '../../api/contract.ts';
import { ToldTime } from '../../app/told-time.tsx';
import { Badge } from '../../design/badge.tsx';
import { Glyph } from '../../design/glyph.tsx';
import { useHome } from '../../household/context.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { targetText } from './target.ts';

/** One burst: what was tried, who, on which device, when and how often. */
export function ActivityRow({ item, now }: { item: ActivityItem; now: number }) {
  const texts = useTexts();
  const { language } = useLanguage();
  const { profiles, devices } = useHome();
  const child = profiles.find(({ id }) => id === item.profile)?.name ?? texts.activity.unknownChild;
  const device = devices.find(({ id }) => id === item.device)?.name ?? texts.activity.unknownDevice;
  const target = targetText(item.target, texts, language);

  return (
    <li class="try">
      <Glyph>{target.glyph}</Glyph>
      <div class="try__texts">
        <p class="try__title">
          {target.title}
          {target.name !== undefined && <span class="try__name">{target.name}</span>}
        </p>
        <p class="small muted clamp">
          {child} · {device}
        </p>
        <p class="small muted">
          <ToldTime at={item.lastAt} guessed={item.guessed} now={now} />
        </p>
      </div>
      <Badge tone={item.count > 1 ? 'pause' : 'quiet'}>{texts.activity.times(item.count)}</Badge>
      {target.explanation !== undefined && (
        <details class="try__why">
          <summary aria-label={texts.activity.explainOf(target.title)}>{texts.activity.explain}</summary>
          <p class="small">{target.explanation}</p>
        </details>
      )}
    </li>
  );
}
