import { expect, test } from 'vitest';
import { parseDig } from './dig.ts';

const blocked = `; <<>> DiG 9.18.49-1~deb12u3-Debian <<>> @8.8.8.8 www.tiktok.com
; (1 server found)
;; global options: +cmd
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 32861
;; flags: qr rd ra; QUERY: 1, ANSWER: 2, AUTHORITY: 1, ADDITIONAL: 1

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags:; udp: 1232
; EDE: 15 (Blocked): (bedtime (until 06:00))
; EDE: 17 (Filtered)
;; QUESTION SECTION:
;www.tiktok.com.			IN	A

;; ANSWER SECTION:
www.tiktok.com.		60	IN	CNAME	tiktok.com.
tiktok.com.		5	IN	A	0.0.0.0

;; AUTHORITY SECTION:
tiktok.com.		10	IN	SOA	khien.invalid. root.khien.invalid. 1 2 3 4 5

;; Query time: 4 msec
;; SERVER: 8.8.8.8#53(8.8.8.8) (UDP)
;; MSG SIZE  rcvd: 59
`;

test('reads the status, the sections, the extended errors and who answered', () => {
  expect(parseDig(blocked)).toEqual({
    status: 'NOERROR',
    flags: ['qr', 'rd', 'ra'],
    answers: [
      { name: 'www.tiktok.com.', ttl: 60, type: 'CNAME', data: 'tiktok.com.' },
      { name: 'tiktok.com.', ttl: 5, type: 'A', data: '0.0.0.0' },
    ],
    authority: [
      { name: 'tiktok.com.', ttl: 10, type: 'SOA', data: 'khien.invalid. root.khien.invalid. 1 2 3 4 5' },
    ],
    ede: [
      { code: 15, text: 'bedtime (until 06:00)' },
      { code: 17, text: '' },
    ],
    server: '8.8.8.8',
    ms: 4,
  });
});

test('tells silence from an answer', () => {
  const silence = ';; communications error to 8.8.8.8#53: timed out\n\n;; no servers could be reached\n';
  expect(parseDig(silence)).toMatchObject({ status: 'TIMEOUT', answers: [], server: '' });
});

test('tells an empty answer from a missing name', () => {
  const reply = parseDig(blocked.replace('NOERROR', 'NXDOMAIN').replace(/;; ANSWER[\s\S]*?\n\n/, ''));
  expect(reply.status).toBe('NXDOMAIN');
  expect(reply.answers).toEqual([]);
});
