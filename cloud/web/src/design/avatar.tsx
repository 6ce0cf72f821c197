import './avatar.css';

const COLOURS = 6;

/** The first letter of a child's name on a colour that stays the child's own. */
export function Avatar({ id, name, small }: { id: string; name: string; small?: boolean }) {
  return (
    <span class={`avatar avatar--${colourOf(id)}${small ? ' avatar--small' : ''}`} aria-hidden="true">
      {letterOf(name)}
    </span>
  );
}

/** Vietnamese people are called by the last word of a name: Nguyễn Minh Anh is Anh. */
export function letterOf(name: string): string {
  const word = name.trim().split(/\s+/).at(-1) ?? '';
  return (Array.from(word)[0] ?? '?').toLocaleUpperCase();
}

function colourOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + character.charCodeAt(0)) % 9973;
  return sum % COLOURS;
}
