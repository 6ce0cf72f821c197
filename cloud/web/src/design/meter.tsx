import './meter.css';

/** How much of something is used; the words beside it say the same. */
export function Meter({ share, tone }: { share: number; tone: 'used' | 'spent' }) {
  return (
    <div class={`meter meter--${tone}`} aria-hidden="true">
      <div class="meter__bar" style={{ width: `${Math.round(share * 100)}%` }} />
    </div>
  );
}
