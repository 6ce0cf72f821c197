import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import './field.css';

interface FieldProps {
  label: string;
  hint?: ComponentChildren;
  error?: string | undefined;
  /** Beside the input, e.g. what shows a password. */
  beside?: ComponentChildren;
}

interface Wiring {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
}

/** A label, an input, what helps to fill it, and what is wrong with it, tied together for screen readers. */
export function Field({
  label,
  hint,
  error,
  beside,
  children,
}: FieldProps & { children: (wiring: Wiring) => ComponentChildren }) {
  const id = useId();
  const told = error ? `${id}-error` : hint ? `${id}-hint` : undefined;
  return (
    <div class={`field${error ? ' field--wrong' : ''}`}>
      <label class="field__label" for={id}>
        {label}
      </label>
      <div class="field__row">
        {children({ id, describedBy: told, invalid: error !== undefined })}
        {beside}
      </div>
      {error && (
        <p class="field__error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
      {hint && !error && (
        <div class="field__hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
    </div>
  );
}

/** What the phone must not correct, e.g. an address or a password. */
const VERBATIM = { autoCapitalize: 'none', autoCorrect: 'off', spellcheck: false } as const;

// As objects, because the types of JSX tell inputs apart by their `type`.
const kinds = {
  text: { type: 'text' },
  email: { type: 'email' },
  password: { type: 'password' },
  search: { type: 'search' },
} as const;

interface TextProps extends FieldProps {
  value: string;
  onText: (text: string) => void;
  type?: keyof typeof kinds;
  name?: string;
  maxLength?: number;
  placeholder?: string;
  autocomplete?: 'off' | 'name' | 'username' | 'new-password' | 'current-password';
  inputMode?: 'text' | 'email' | 'numeric' | 'url';
  verbatim?: boolean;
}

export function TextField({
  label,
  hint,
  error,
  beside,
  value,
  onText,
  verbatim,
  type = 'text',
  ...input
}: TextProps) {
  return (
    <Field label={label} hint={hint} error={error} beside={beside}>
      {({ id, describedBy, invalid }) => (
        <input
          {...input}
          {...(verbatim && VERBATIM)}
          {...kinds[type]}
          class="input"
          id={id}
          value={value}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

interface AreaProps extends FieldProps {
  value: string;
  onText: (text: string) => void;
  maxLength: number;
  placeholder: string;
  rows: number;
}

export function AreaField({ label, hint, error, value, onText, ...area }: AreaProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {({ id, describedBy, invalid }) => (
        <textarea
          {...area}
          class="input input--area"
          id={id}
          value={value}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

type SelectProps = FieldProps & {
  value: string;
  onChoose: (value: string) => void;
  children: ComponentChildren;
};

export function SelectField({ label, hint, error, value, onChoose, children }: SelectProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {({ id, describedBy, invalid }) => (
        <select
          class="input input--select"
          id={id}
          value={value}
          aria-describedby={describedBy}
          aria-invalid={invalid}
          onChange={(event) => onChoose(event.currentTarget.value)}
        >
          {children}
        </select>
      )}
    </Field>
  );
}

interface TimeProps extends Pick<FieldProps, 'label' | 'hint'> {
  /** HH:MM; empty while it is not whole. */
  value: string;
  onTime: (time: string) => void;
}

/** A time of day. */
export function TimeField({ label, hint, value, onTime }: TimeProps) {
  return (
    <Field label={label} hint={hint}>
      {({ id, describedBy }) => (
        <input
          class="input input--time"
          type="time"
          id={id}
          value={value}
          required
          aria-describedby={describedBy}
          // Some browsers give seconds too.
          onInput={(event) => onTime(event.currentTarget.value.slice(0, 5))}
        />
      )}
    </Field>
  );
}

interface DateProps extends Pick<FieldProps, 'label' | 'error'> {
  /** YYYY-MM-DD; empty while it is not whole. */
  value: string;
  /** The first day that can be chosen. */
  min?: string;
  onDate: (date: string) => void;
}

/** A day of the calendar. */
export function DateField({ label, error, value, min, onDate }: DateProps) {
  return (
    <Field label={label} error={error}>
      {({ id, describedBy, invalid }) => (
        <input
          class="input"
          type="date"
          id={id}
          value={value}
          min={min}
          required
          aria-describedby={describedBy}
          aria-invalid={invalid}
          onInput={(event) => onDate(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}
