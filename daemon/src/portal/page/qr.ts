import { encode } from 'uqr';
import { html, type Markup } from '../html.ts';

/** Light modules around the code (ISO/IEC 18004 §6.3.8). */
const QUIET = 4;

/** A QR code of an address, dark on light in any colour scheme: some readers know no other. */
export function qrCode(address: string, label: string): Markup {
  const { data, size } = encode(address, { ecc: 'M', border: QUIET });
  return html`<svg class="qr" viewBox="0 0 ${size} ${size}" role="img" aria-label="${label}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${size}v${size}H0z"/><path fill="#000" d="${pathOf(data)}"/></svg>`;
}

/** A bar for each run of dark modules. */
function pathOf(rows: readonly (readonly boolean[])[]): string {
  return rows
    .map((row, y) => [...runsOf(row)].map(([x, length]) => `M${x} ${y}h${length}v1h-${length}z`).join(''))
    .join('');
}

function* runsOf(row: readonly boolean[]): Generator<readonly [x: number, length: number]> {
  let start: number | undefined;
  for (let x = 0; x <= row.length; x += 1) {
    if (row[x] === true) start ??= x;
    else if (start !== undefined) {
      yield [start, x - start];
      start = undefined;
    }
  }
}
