import { html, type Markup, type Piece } from '../html.ts';
import { type Scene, sceneArt } from './art.ts';

export interface Hero {
  readonly scene: Scene;
  /** Whether the network of who looks is off; the page's script watches for its return. */
  readonly captive: boolean;
  /** Above the heading. */
  readonly greeting: Piece;
  readonly heading: string;
  readonly lines: Piece;
}

/** The coloured card on top of every page. */
export function hero({ scene, captive, greeting, heading, lines }: Hero): Markup {
  return html`<section class="hero hero-${scene}" id="status" data-captive="${String(captive)}">
<div class="hero-text">
<p class="hello">${greeting}</p>
<h1>${heading}</h1>
${lines}
</div>
${sceneArt(scene)}
</section>`;
}
