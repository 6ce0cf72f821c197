/** A call that cannot be meant; its message says what is wrong with it. */
export class WrongCall extends Error {}
