import { useTexts } from '../../language/language.ts';

export function Brand() {
  const texts = useTexts();
  return (
    <div class="brand">
      <img class="brand__sign" src="/icon.svg" width="64" height="64" alt="" />
      <div>
        <p class="brand__name">{texts.app.name}</p>
        <p class="muted">{texts.app.tagline}</p>
      </div>
    </div>
  );
}
