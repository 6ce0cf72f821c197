import { codeOf } from '@khien/shared/error';
import { expect, test } from 'vitest';
import { describeSettings, readConfig } from './config.ts';

const failure = (environment: Record<string, string>): string => {
  try {
    readConfig(environment);
  } catch (error) {
    expect(codeOf(error)).toBe('CONFIG_INVALID');
    return error instanceof Error ? error.message : '';
  }
  return '';
};

test('an empty environment makes a cloud of this machine', () => {
  expect(readConfig({ PATH: '/bin', KHIEN_LOG: '' })).toEqual({
    data: './khien-data',
    databaseUrl: undefined,
    publicUrl: new URL('http://localhost:8080'),
    httpListen: { host: '127.0.0.1', port: 8080 },
    httpTls: 'none',
    trustedProxies: [],
    mqttListen: { host: '0.0.0.0', port: 8883 },
    mqttUrl: 'mqtts://localhost:8883',
    mqttProxyProtocol: 'none',
    metricsListen: undefined,
    logLevel: 'info',
  });
});

test('what load balancers say of routers is believed of none that is not named', () => {
  const wanted = { KHIEN_MQTT_PROXY_PROTOCOL: 'v2' };
  expect(failure(wanted)).toMatch(/KHIEN_MQTT_PROXY_PROTOCOL: needs KHIEN_HTTP_TRUSTED_PROXIES/);
  const named = readConfig({ ...wanted, KHIEN_HTTP_TRUSTED_PROXIES: '192.0.2.1' });
  expect(named).toMatchObject({ mqttProxyProtocol: 'v2', trustedProxies: ['192.0.2.1'] });
});

test('routers are sent to the public host unless they are told otherwise', () => {
  const environment = { KHIEN_PUBLIC_URL: 'https://khien.vn', KHIEN_MQTT_LISTEN: '[::]:9883' };
  expect(readConfig(environment)).toMatchObject({
    mqttUrl: 'mqtts://khien.vn:9883',
    mqttListen: { host: '::', port: 9883 },
  });
  const told = { ...environment, KHIEN_MQTT_URL: 'mqtts://edge.khien.vn:443' };
  expect(readConfig(told).mqttUrl).toBe('mqtts://edge.khien.vn:443');
});

test('the embedded certificate makes the public URL https', () => {
  expect(readConfig({ KHIEN_HTTP_TLS: 'embedded', KHIEN_HTTP_LISTEN: '0.0.0.0:443' }).publicUrl.href).toBe(
    'https://localhost/',
  );
});

test('a unix socket and proxies', () => {
  expect(
    readConfig({
      KHIEN_HTTP_LISTEN: 'unix:/run/khien.sock',
      KHIEN_HTTP_TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8, ::1',
    }),
  ).toMatchObject({
    httpListen: { path: '/run/khien.sock' },
    trustedProxies: ['127.0.0.1', '10.0.0.0/8', '::1'],
  });
});

test.each([
  ['KHIEN_HTTP_LISTEN', '8080'],
  ['KHIEN_HTTP_LISTEN', 'localhost:70000'],
  ['KHIEN_HTTP_LISTEN', 'unix:relative'],
  ['KHIEN_MQTT_LISTEN', 'unix:/run/mqtt'],
  ['KHIEN_MQTT_LISTEN', '::1:8883'],
  ['KHIEN_PUBLIC_URL', 'khien.vn'],
  ['KHIEN_PUBLIC_URL', 'ftp://khien.vn'],
  ['KHIEN_PUBLIC_URL', 'https://khien.vn/app'],
  ['KHIEN_PUBLIC_URL', 'https://a:b@khien.vn'],
  ['KHIEN_MQTT_URL', 'mqtt://khien.vn:1883'],
  ['KHIEN_MQTT_URL', 'mqtts://khien.vn'],
  ['KHIEN_HTTP_TLS', 'yes'],
  ['KHIEN_HTTP_TRUSTED_PROXIES', 'everybody'],
  ['KHIEN_LOG', 'loud'],
  ['KHIEN_DATABASE_URL', 'mysql://localhost/khien'],
  ['KHIEN_DATABASE_URL', 'khien.sqlite'],
  ['KHIEN_DATABASE_URL', 'postgres://'],
  ['KHIEN_DATABASE_URL', 'postgres:khien'],
  ['KHIEN_DATABASE_URL', 'postgres://lan:secret@db.khien.vn'],
  ['KHIEN_DATABASE_URL', 'postgres://lan:%zz@db.khien.vn/khien'],
  ['KHIEN_HTTP_LISTEN', '999.1.1.1:80'],
  ['KHIEN_HTTP_LISTEN', 'a b:80'],
  ['KHIEN_METRICS_LISTEN', '9100'],
  ['KHIEN_MQTT_URL', 'mqtts://khien.vn:0'],
  ['KHIEN_MQTT_URL', 'mqtts://khien.vn:8883/path'],
  ['KHIEN_MQTT_URL', 'mqtts://a:b@khien.vn:8883'],
  ['KHIEN_MQTT_PROXY_PROTOCOL', 'v1'],
])('%s=%s is refused with its name', (name, value) => {
  expect(failure({ [name]: value })).toMatch(new RegExp(`^${name}[^:]*: must `));
});

test('PostgreSQL may be at a socket, and listen at names', () => {
  const databaseUrl = 'postgres:///khien?host=/run/postgresql';
  expect(
    readConfig({ KHIEN_DATABASE_URL: databaseUrl, KHIEN_HTTP_LISTEN: 'node-1.khien.vn:80' }),
  ).toMatchObject({
    databaseUrl,
    httpListen: { host: 'node-1.khien.vn', port: 80 },
  });
});

test.each([
  { KHIEN_HTTP_LISTEN: '0.0.0.0:8883' },
  { KHIEN_METRICS_LISTEN: '127.0.0.1:8080' },
  { KHIEN_METRICS_LISTEN: '127.0.0.1:8883' },
  { KHIEN_METRICS_LISTEN: '[::]:8080' },
])('two that would listen at one port are refused: %j', (environment) => {
  expect(failure(environment)).toMatch(/^KHIEN_(MQTT|METRICS)_LISTEN: must be another port than KHIEN_/);
});

test('one port of two addresses, and any port, may be listened at by both', () => {
  readConfig({ KHIEN_HTTP_LISTEN: '192.0.2.1:443', KHIEN_MQTT_LISTEN: '192.0.2.2:443' });
  readConfig({ KHIEN_HTTP_LISTEN: '127.0.0.1:0', KHIEN_MQTT_LISTEN: '127.0.0.1:0' });
});

test('every fault is told at once, misspelt names too', () => {
  const lines = failure({ KHIEN_LOGG: 'info', KHIEN_LOG: 'loud', KHIEN_MQTT_LISTEN: 'x' }).split('\n');
  expect(lines.map((line) => line.split(':')[0]).sort()).toEqual([
    'KHIEN_LOG',
    'KHIEN_LOGG',
    'KHIEN_MQTT_LISTEN',
  ]);
});

test('help names every setting and says something of it', () => {
  expect(describeSettings()).toMatch(/KHIEN_DATA\n {6}\S/);
  expect(describeSettings()).not.toMatch(/KHIEN_\w+\n {6}(\n|$)/);
});
