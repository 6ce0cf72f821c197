import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import './choice.css';

export interface Option<V extends string> {
  readonly value: V;
  readonly label: ComponentChildren;
  /** The accessible name where `label` is not words. */
  readonly name?: string;
}

interface ChipsProps<V extends string> {
  legend: string;
  hideLegend?: boolean;
  options: readonly Option<V>[];
  value: V;
  onChoose: (value: V) => void;
}

/** One of a few, side by side. */
export function ChoiceChips<V extends string>({
  legend,
  hideLegend,
  options,
  value,
  onChoose,
}: ChipsProps<V>) {
  const group = useId();
  return (
    <fieldset class="chips">
      <legend class={hideLegend ? 'unseen' : 'field__label chips__legend'}>{legend}</legend>
      {options.map((option) => (
        <label class="chip" key={option.value}>
          <input
            class="chip__input"
            type="radio"
            name={group}
            checked={option.value === value}
            aria-label={option.name}
            onChange={() => onChoose(option.value)}
          />
          <span class="chip__face">{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface ManyProps {
  legend: string;
  options: readonly { readonly value: number; readonly label: string; readonly name: string }[];
  values: readonly number[];
  onToggle: (value: number) => void;
}

/** Any of a few, side by side. */
export function ManyChips({ legend, options, values, onToggle }: ManyProps) {
  return (
    <fieldset class="chips chips--even">
      <legend class="field__label chips__legend">{legend}</legend>
      {options.map((option) => (
        <label class="chip" key={option.value}>
          <input
            class="chip__input"
            type="checkbox"
            checked={values.includes(option.value)}
            aria-label={option.name}
            onChange={() => onToggle(option.value)}
          />
          <span class="chip__face">{option.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
