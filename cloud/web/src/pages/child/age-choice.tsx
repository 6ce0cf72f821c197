import { useId } from 'preact/hooks';
import { type AgeBand, ageBands, presets } from '../../api/contract.ts';
import { blockableCategories } from '../../household/blocking.ts';
import { filterText } from '../../household/filter-text.ts';
import { targetName, weekTexts } from '../../household/quota-text.ts';
import { targetKey } from '../../household/rules-edit.ts';
import { daysText, windowText } from '../../household/schedule-text.ts';
import { useFormat } from '../../language/format.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import './age-choice.css';

interface AgeChoiceProps {
  value: AgeBand;
  onChoose: (band: AgeBand) => void;
}

/** The age bands, and what the preset of the chosen one contains. */
export function AgeChoice({ value, onChoose }: AgeChoiceProps) {
  const texts = useTexts();
  const group = useId();
  return (
    <fieldset class="ages">
      <legend class="field__label">{texts.child.age}</legend>
      {ageBands.map((band) => (
        <label key={band} class="age">
          <input
            class="age__input"
            type="radio"
            name={group}
            checked={band === value}
            onChange={() => onChoose(band)}
          />
          <span class="age__face">{texts.child.ages[band]}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Every line of a preset, so that a parent knows what will be set. */
export function PresetContents({ band }: { band: AgeBand }) {
  const texts = useTexts();
  const format = useFormat();
  const { language } = useLanguage();
  const preset = presets[band];
  const categories = blockableCategories.filter(({ id }) => preset.blockedCategories.includes(id));
  return (
    <dl class="preset card card--padded" aria-label={texts.child.ages[band]}>
      <dt>{texts.child.presetBedtime}</dt>
      {preset.bedtimes.map((bedtime) => (
        <dd key={bedtime.days.join()}>
          {daysText(texts, bedtime.days)}, {windowText(texts, bedtime)}
        </dd>
      ))}
      {preset.quotas.length > 0 && <dt>{texts.quota.title}</dt>}
      {preset.quotas.map(({ of, minutes }) => (
        <dd key={targetKey(of)}>
          {targetName(texts, language, of)}: {weekTexts(texts, format, minutes).join(', ')}
        </dd>
      ))}
      <dt>{texts.child.safeSearch}</dt>
      <dd>{filterText(texts, preset)}</dd>
      <dt>{texts.child.presetBlocks}</dt>
      <dd>
        <ul class="preset__categories">
          {categories.map((category) => (
            <li class="preset__category" key={category.id}>
              <span aria-hidden="true">{category.glyph}</span> {category.name[language]}
            </li>
          ))}
        </ul>
      </dd>
    </dl>
  );
}
