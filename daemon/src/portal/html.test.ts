import { expect, test } from 'vitest';
import { html } from './html.ts';

test('escapes every value, in text and in attributes', () => {
  const hostile = `"><script>alert('1')</script>&amp;`;
  expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;">' +
      '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;</p>',
  );
});

test('takes HTML of its own as it is, lists in order, numbers, and null for nothing', () => {
  expect(html`<ul>${['<b>', html`<li>${2}</li>`, null, [3]]}</ul>`.text).toBe(
    '<ul>&lt;b&gt;<li>2</li>3</ul>',
  );
});
