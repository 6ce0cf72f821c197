import { expect, test } from 'vitest';
import { newcomerSchema, signUpSchema } from '../../../../src/identity/schema.ts';
import { vi } from '../../language/vi.ts';
import { bodyOf, newcomerOf, problemsFrom, problemsOf, type SignUpForm } from './sign-up-form.ts';

const form: SignUpForm = {
  name: ' Minh Thư ',
  email: ' thu@vidu.vn ',
  password: 'trời hôm nay đẹp quá',
  householdName: 'Nhà Minh Thư',
  zone: 'Asia/Ho_Chi_Minh',
};
const invitation = 'x'.repeat(43);

test('a form without problems is one that the server takes', () => {
  expect(problemsOf(vi, form, { way: 'password' })).toEqual({});
  for (const link of [undefined, invitation]) {
    expect(signUpSchema.safeParse(bodyOf(form, 'vi', link)).success).toBe(true);
    expect(newcomerSchema.safeParse(newcomerOf(form, 'vi', link)).success).toBe(true);
  }
});

test('says what is wrong with each field at once', () => {
  const empty = { name: ' ', email: 'thu', password: 'ngắn', householdName: '', zone: form.zone };
  expect(problemsOf(vi, empty, { way: 'password' })).toEqual({
    name: vi.account.required,
    email: vi.account.emailWrong,
    password: vi.account.passwordShort,
    householdName: vi.account.required,
  });
});

test('a passkey needs neither email nor password, an invitation no household', () => {
  const bare = { name: 'Thư', email: '', password: '', householdName: '', zone: form.zone };
  expect(problemsOf(vi, bare, { way: 'passkey' })).toEqual({ householdName: vi.account.required });
  expect(problemsOf(vi, bare, { way: 'passkey', invitation })).toEqual({});
  expect(newcomerOf(bare, 'vi', invitation)).not.toHaveProperty('household');
});

test('what the server refuses stands at its field, in words of ours', () => {
  expect(problemsFrom(vi, ['/email', '/household/zone', '/elsewhere'])).toEqual({
    email: vi.account.emailWrong,
    zone: vi.account.fieldRefused,
  });
});
