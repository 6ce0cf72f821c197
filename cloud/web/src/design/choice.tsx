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

interface RowsProps<V extends string> {
  legend: string;
  options: readonly { readonly value: V; readonly label: string; readonly description: string }[];
  value: V;
  onChoose: (value: V) => void;
}

/** One of a few that need a line each, on one card; the legend is for who does not see the heading above it. */
export function ChoiceRows<V extends string>({ legend, options, value, onChoose }: RowsProps<V>) {
  const group = useId();
  return (
    <fieldset>
      <legend class="unseen">{legend}</legend>
      <div class="list card">
        {options.map((option) => (
          <label class="choice-row" key={option.value}>
            <span class="choice-row__texts">
              <span class="choice-row__label" id={`${group}-${option.value}`}>
                {option.label}
              </span>
              <span class="choice-row__description" id={`${group}-${option.value}-description`}>
                {option.description}
              </span>
            </span>
            <input
              class="choice-row__input"
              type="radio"
              name={group}
              checked={option.value === value}
              aria-labelledby={`${group}-${option.value}`}
              aria-describedby={`${group}-${option.value}-description`}
              onChange={() => onChoose(option.value)}
            />
          </label>
        ))}
      </div>
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
