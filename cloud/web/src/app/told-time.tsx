import { useFormat } from '../language/format.ts';
import { useTexts } from '../language/language.ts';

const RECENT = 12 * 60 * 60_000;

/** The time of day at which a router says that something was, and how long ago; only about, where its clock was wrong. */
export function ToldTime({ at, guessed, now }: { at: number; guessed: boolean; now: number }) {
  const texts = useTexts();
  const format = useFormat();
  const time = format.time(at);
  return (
    <time dateTime={new Date(at).toISOString()}>
      {guessed ? texts.time.about(time) : time}
      {!guessed && now - at < RECENT && ` · ${format.ago(at, now)}`}
    </time>
  );
}
