// Started on a host of the virtual home: relay-inside SOCKET ORIGIN [AS]
import { openRelay } from './relay.ts';

const [socket = '', origin = '', as] = process.argv.slice(2);
await openRelay({ listen: { socket }, to: { origin }, ...(as === undefined ? {} : { as }) });
console.log('ready');
