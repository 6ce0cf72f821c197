/** What a browser says of itself (RFC 9110 §10.1.5), as far as a person needs it to know an own device again. */
export interface Client {
  readonly browser: string | null;
  readonly system: string | null;
}

/** In this order: most browsers also name those that they descend from. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bcoc_coc_browser\//i, 'Cốc Cốc'],
  [/\bZalo\b/i, 'Zalo'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|OPiOS|Opera)\//, 'Opera'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|Chromium|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];

const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'Mac'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** Only well-known names come out, so that nothing a client made up is shown or kept. */
export function clientOf(userAgent: string | undefined): Client {
  const known = (names: typeof browsers) =>
    names.find(([pattern]) => pattern.test(userAgent?.slice(0, 512) ?? ''))?.[1] ?? null;
  return { browser: known(browsers), system: known(systems) };
}

/** Chrome, Android. Empty for a browser that is not known. */
export function clientName({ browser, system }: Client): string {
  return [browser, system].filter((part) => part !== null).join(', ');
}
