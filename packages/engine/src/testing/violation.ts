/** A broken promise of the engine, found by a checker. Not an error of the product: it never leaves a simulation. */
export class Violation extends Error {
  override readonly name = 'Violation';
  /** Short name of the promise, stable across seeds: shrinking keeps it the same. */
  readonly promise: string;

  constructor(promise: string, message: string) {
    super(`${promise}: ${message}`);
    this.promise = promise;
  }
}
