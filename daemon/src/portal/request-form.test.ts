import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_TEXT, readRequestForm } from './request-form.ts';

describe('readRequestForm', () => {
  test('reads both forms', () => {
    expect(readRequestForm('ask=time&minutes=15&text=b%C3%A0i+t%E1%BA%ADp')).toEqual({
      form: { ask: 'time', minutes: 15, of: null, text: 'bài tập' },
    });
    expect(readRequestForm('ask=time&minutes=15&of=service%3Ayoutube')).toMatchObject({
      form: { of: { kind: 'service', id: 'youtube' } },
    });
    expect(readRequestForm('ask=time&minutes=15&of=network')).toMatchObject({ form: { of: null } });
    expect(readRequestForm('ask=help&text=')).toEqual({
      form: { ask: 'help', minutes: 0, of: null, text: '' },
    });
    expect(readRequestForm('ask=help')).toEqual({ form: { ask: 'help', minutes: 0, of: null, text: '' } });
  });

  test.each([
    '',
    'ask=sudo',
    'ask=time',
    'ask=time&minutes=',
    'ask=time&minutes=9999',
    'ask=time&minutes=-15',
    'ask=time&minutes=15.0',
    'ask=time&minutes=0x0f',
    'ask=time&minutes=15&of=',
    'ask=time&minutes=15&of=network:',
    'ask=time&minutes=15&of=service:',
    'ask=time&minutes=15&of=service:a:b',
    'ask=time&minutes=15&of=name:a',
    '__proto__=x&ask=constructor',
  ])('refuses %s', (body) => {
    expect(readRequestForm(body)).toEqual({ error: 'FORM_INVALID', typed: null });
  });

  test('gives back what is too long, so that it can be shortened', () => {
    const text = 'ă'.repeat(MAX_TEXT + 1);
    expect(readRequestForm(`ask=help&text=${encodeURIComponent(text)}`)).toEqual({
      error: 'TEXT_TOO_LONG',
      typed: { ask: 'help', minutes: 0, of: null, text },
    });
    const fits = 'ă'.repeat(MAX_TEXT);
    expect(readRequestForm(`ask=help&text=${encodeURIComponent(fits)}`)).toMatchObject({
      form: { text: fits },
    });
  });

  test('the longest text fits the largest body, whatever its letters are', () => {
    const body = (text: string) => new URLSearchParams({ ask: 'time', minutes: '30', text }).toString();
    expect(body('ế'.repeat(MAX_TEXT)).length).toBeLessThanOrEqual(4096);
    expect(body('😀'.repeat(MAX_TEXT / 2)).length).toBeLessThanOrEqual(4096);
  });

  test('keeps line breaks, and no other control character', () => {
    expect(readRequestForm('ask=help&text=%20a%00%1B%5B31mb%0D%0Ac%C2%85d%20')).toEqual({
      form: { ask: 'help', minutes: 0, of: null, text: 'a  [31mb\nc d' },
    });
  });

  test('throws at nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (body) => {
        const read = readRequestForm(body);
        expect('form' in read || 'error' in read).toBe(true);
      }),
    );
  });
});
