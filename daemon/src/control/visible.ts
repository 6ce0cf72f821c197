/** What people and devices call things, as a terminal may show it: it must not obey it. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '�');
}
