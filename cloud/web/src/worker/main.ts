import { installPush, type PushScope } from './push-worker.ts';

// Of this module only: in a worker `self` is its scope, and not a window.
declare const self: PushScope;

installPush(self);
