import { describe, expect, test } from 'vitest';
import { catalogue, catalogueSchema } from './index.ts';

describe('catalogue', () => {
  test('fits its schema', () => {
    expect(catalogueSchema.parse(catalogue)).toEqual(catalogue);
  });
});
