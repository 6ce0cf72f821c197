/** Text that is already HTML. Only `html` makes it, so nothing else reaches a page unescaped. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Piece = string | number | Markup | null | readonly Piece[];

/** Builds HTML; every value is escaped for text and quoted attributes, unless it is HTML from here. Null is nothing. */
export function html(parts: TemplateStringsArray, ...pieces: Piece[]): Markup {
  let text = parts[0] ?? '';
  pieces.forEach((piece, index) => {
    text += textOf(piece) + (parts[index + 1] ?? '');
  });
  return new Markup(text);
}

function textOf(piece: Piece): string {
  if (piece === null) return '';
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === 'string') return piece.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
  if (typeof piece === 'number') return String(piece);
  return piece.map(textOf).join('');
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
