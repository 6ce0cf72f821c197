import { expect, test } from 'vitest';
import { signUpSchema } from '../../../../src/identity/schema.ts';
import { vi } from '../../language/vi.ts';
import { bodyOf, problemsFrom, problemsOf, type SignUpForm } from './sign-up-form.ts';

const form: SignUpForm = {
  name: ' Minh Thư ',
  email: ' thu@vidu.vn ',
  password: 'trời hôm nay đẹp quá',
  householdName: 'Nhà Minh Thư',
  zone: 'Asia/Ho_Chi_Minh',
};

test('a form without problems is one that the server takes', () => {
  expect(problemsOf(vi, form)).toEqual({});
  expect(signUpSchema.safeParse(bodyOf(form, 'vi')).success).toBe(true);
});

test('says what is wrong with each field at once', () => {
  const empty = { name: ' ', email: 'thu', password: 'ngắn', householdName: '', zone: form.zone };
  expect(problemsOf(vi, empty)).toEqual({
    name: vi.account.required,
    email: vi.account.emailWrong,
    password: vi.account.passwordShort,
    householdName: vi.account.required,
  });
});

test('what the server refuses stands at its field, in words of ours', () => {
  expect(problemsFrom(vi, ['/email', '/household/zone', '/elsewhere'])).toEqual({
    email: vi.account.emailWrong,
    zone: vi.account.fieldRefused,
  });
});
