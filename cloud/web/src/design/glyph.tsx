import './glyph.css';

/** The sign of a service or category. */
export function Glyph({ children }: { children: string }) {
  return (
    <span class="glyph" aria-hidden="true">
      {children}
    </span>
  );
}
