import { connect } from 'node:net';
import { codeOf, KhienError } from '@khien/shared/error';
import { type ControlRequest, controlAnswerSchema, MAX_ANSWER_BYTES, parseJson } from './protocol.ts';

/** Milliseconds without a word from the daemon; it gives up earlier itself. */
const PATIENCE = 12_000;

/**
 * Asks the running daemon on its control socket; what it answers is still to be put through the schema of the request.
 *
 * @throws KhienError `NOT_RUNNING`, `NOT_PERMITTED` to others than root, `NO_ANSWER`, or the code of the daemon's refusal
 */
export async function askDaemon(path: string, request: ControlRequest): Promise<unknown> {
  const parsed = controlAnswerSchema.safeParse(parseJson(await exchange(path, request)));
  if (!parsed.success) throw new KhienError('NO_ANSWER', `khiend did not answer whole on ${path}`);
  if (!parsed.data.ok) throw new KhienError(parsed.data.code, parsed.data.message);
  return parsed.data.answer;
}

function exchange(path: string, request: ControlRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const chunks: Buffer[] = [];
    let size = 0;
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error('no answer in time')));
    socket.on('connect', () => socket.end(`${JSON.stringify(request)}\n`));
    socket.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) socket.destroy(new Error('the answer is too long'));
      else chunks.push(chunk);
    });
    socket.on('error', (cause) => reject(failure(path, cause)));
    socket.on('end', () => resolve(Buffer.concat(chunks).toString()));
  });
}

function failure(path: string, cause: Error): KhienError {
  const code = codeOf(cause);
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    return new KhienError('NOT_RUNNING', `khiend does not answer on ${path}`, { cause });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new KhienError('NOT_PERMITTED', `only root may ask khiend on ${path}`, { cause });
  }
  return new KhienError('NO_ANSWER', `khiend on ${path}: ${cause.message}`, { cause });
}
